package io.gohsp.report;

import io.gohsp.plan.BlockPlan;
import io.gohsp.ranking.HeadPicture;
import io.gohsp.ranking.RankedBlock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The graphs that heads were ranked on, with the stationary distribution of each. */
final class HeadGraphSection {
  private HeadGraphSection() {}

  static void render(PruningReport report, Markup page) {
    List<RankedBlock> ranked = report.rankings();
    if (ranked.isEmpty()) {
      return;
    }
    Section.open(page, "graphs", "Head graphs");
    page.element("p", HeadPicture.legend() + " Heads that go are hollow.");
    page.open("div", "class", "panels");
    for (String panel : HeadPicture.panels(ranked, block -> kept(report, block))) {
      page.open("figure", "class", "panel").raw(panel).close("figure");
    }
    page.close("div");
    page.open("details").element("summary", "Numbers");
    Table table =
        Table.open(page, "Stationary distribution π", "layer, head", "π", "score", "place", "");
    for (RankedBlock block : ranked) {
      for (int head = 0; head < block.heads(); head++) {
        double pi = block.chain().stationary()[head];
        double score = block.ranking().scores()[head];
        int place = block.ranking().order().indexOf(head) + 1;
        table
            .row(block.block() + ", head " + head)
            .number(pi, Quantity.fixed(pi, 4))
            .number(score, Quantity.fixed(score, 4))
            .number(place, Integer.toString(place))
            .cell(isKept(report, block, head) ? "kept" : "removed")
            .end();
      }
    }
    table.close();
    page.close("details");
    Section.close(page);
  }

  private static boolean isKept(PruningReport report, RankedBlock ranked, int head) {
    Set<Integer> kept = kept(report, ranked);
    return kept == null || kept.contains(head);
  }

  /** Null for all. */
  private static @Nullable Set<Integer> kept(PruningReport report, RankedBlock ranked) {
    for (BlockPlan block : report.blocks()) {
      if (block.block().equals(ranked.block()) && block.headsKept() != null) {
        return new LinkedHashSet<>(block.headsKept());
      }
    }
    return null;
  }
}
