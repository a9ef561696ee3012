package io.gohsp.report;

import io.gohsp.plan.BlockPlan;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which heads every layer keeps, as a map of layers and heads. */
final class HeadMapSection {
  private static final int CELL = 22;
  private static final int GAP = 3;
  private static final int LEFT = 76;
  private static final int TOP = 20;

  private HeadMapSection() {}

  static void render(PruningReport report, Markup page) {
    List<BlockPlan> blocks =
        report.blocks().stream().filter(block -> block.heads() != null).toList();
    if (blocks.isEmpty()) {
      return;
    }
    Section.open(page, "heads", "Heads kept");
    page.open("figure");
    map(blocks, page);
    page.open("ul", "class", "legend");
    key(page, true, "kept");
    key(page, false, "removed");
    page.close("ul").close("figure");
    page.open("details").element("summary", "Numbers");
    Table table = Table.open(page, "Heads kept", "layer", "kept", "of", "heads");
    for (BlockPlan block : blocks) {
      List<Integer> kept = kept(block);
      table
          .row(block.block())
          .number(kept.size(), Integer.toString(kept.size()))
          .number(heads(block), Integer.toString(heads(block)))
          .cell(kept.stream().map(String::valueOf).collect(Collectors.joining(" ")))
          .end();
    }
    table.close();
    page.close("details");
    Section.close(page);
  }

  private static int heads(BlockPlan block) {
    return block.heads() == null ? 0 : block.heads();
  }

  private static List<Integer> kept(BlockPlan block) {
    return block.headsKept() == null
        ? IntStream.range(0, heads(block)).boxed().toList()
        : block.headsKept();
  }

  private static void map(List<BlockPlan> blocks, Markup page) {
    int most = blocks.stream().mapToInt(HeadMapSection::heads).max().orElseThrow();
    int width = LEFT + most * (CELL + GAP);
    int height = TOP + blocks.size() * (CELL + GAP);
    int left = blocks.stream().mapToInt(block -> kept(block).size()).sum();
    int all = blocks.stream().mapToInt(HeadMapSection::heads).sum();
    page.open(
        "svg",
        "class",
        "map",
        "viewBox",
        "0 0 " + width + " " + height,
        "style",
        "max-width:" + width + "px",
        "role",
        "img",
        "aria-labelledby",
        "map-title map-desc");
    page.element("title", "Heads kept of every layer", "id", "map-title");
    page.element(
        "desc",
        "%d of %d heads stay in %d layers.".formatted(left, all, blocks.size()),
        "id",
        "map-desc");
    for (int head = 0; head < most; head++) {
      text(page, "tick", "middle", x(head) + CELL / 2, TOP - 6, Integer.toString(head));
    }
    for (int row = 0; row < blocks.size(); row++) {
      BlockPlan block = blocks.get(row);
      int y = TOP + row * (CELL + GAP);
      text(page, "tick", "end", LEFT - 8, y + CELL / 2 + 4, block.block());
      for (int head = 0; head < heads(block); head++) {
        boolean stays = kept(block).contains(head);
        page.open("g")
            .element(
                "title",
                "%s, head %d: %s".formatted(block.block(), head, stays ? "kept" : "removed"));
        cell(page, x(head), y, stays);
        page.close("g");
      }
    }
    page.close("svg");
  }

  private static int x(int head) {
    return LEFT + head * (CELL + GAP);
  }

  private static void text(Markup page, String kind, String anchor, int x, int y, String content) {
    page.element(
        "text",
        content,
        "class",
        kind,
        "text-anchor",
        anchor,
        "x",
        Integer.toString(x),
        "y",
        Integer.toString(y));
  }

  /** Full, or empty and crossed out: told apart without colours too. */
  private static void cell(Markup page, int x, int y, boolean stays) {
    page.empty(
        "rect",
        "class",
        stays ? "kept" : "removed",
        "x",
        x + ".5",
        "y",
        y + ".5",
        "width",
        Integer.toString(CELL - 1),
        "height",
        Integer.toString(CELL - 1),
        "rx",
        "3");
    if (!stays) {
      page.empty(
          "path",
          "class",
          "cross",
          "d",
          "M%d %d l8 8 m0 -8 l-8 8".formatted(x + CELL / 2 - 4, y + CELL / 2 - 4));
    }
  }

  private static void key(Markup page, boolean stays, String name) {
    page.open("li").open("svg", "class", "key", "viewBox", "0 0 22 22", "aria-hidden", "true");
    cell(page, 0, 0, stays);
    page.close("svg").text(name).close("li");
  }
}
