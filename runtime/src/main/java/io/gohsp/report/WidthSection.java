package io.gohsp.report;

import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.StreamPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How wide every layer stays. The table is the chart: each number has its bar. */
final class WidthSection {
  private WidthSection() {}

  static void render(PruningReport report, Markup page) {
    if (report.blocks().isEmpty()) {
      return;
    }
    Section.open(page, "widths", "Widths of the layers");
    Table table =
        Table.open(
            page, "Widths of the layers", "layer", "heads", "QK columns", "V columns", "neurons");
    for (BlockPlan block : report.blocks()) {
      table.row(block.block());
      cell(table, size(block.headsKept()), block.heads());
      cell(table, block.qkCount(), block.qkWidth());
      cell(table, block.vCount(), block.vWidth());
      cell(table, size(block.neuronsKept()), block.neurons());
      table.end();
    }
    table.close();
    page.element("p", "Columns are those of one head; every head keeps as many.", "class", "note");
    for (StreamPlan stream : report.plan().streams()) {
      page.element(
          "p",
          "The residual %s has %d of %d channels."
              .formatted(stream.stream(), stream.kept(), stream.width()),
          "class",
          "note");
    }
    Section.close(page);
  }

  private static @Nullable Integer size(@Nullable List<Integer> kept) {
    return kept == null ? null : (Integer) kept.size();
  }

  /** {@code 4 of 6}, or {@code 6} if all stay. */
  private static void cell(Table table, @Nullable Integer kept, @Nullable Integer size) {
    if (size == null) {
      table.cell("–");
      return;
    }
    int left = kept == null ? size : kept;
    table.share(left, size, left == size ? size.toString() : left + " of " + size);
  }
}
