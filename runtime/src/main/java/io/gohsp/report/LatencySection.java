package io.gohsp.report;

import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.latency.MeasuredLatency.Alignment;

/** How long a run takes, before and after. */
final class LatencySection {
  private LatencySection() {}

  static void render(PruningReport report, Markup page) {
    MeasuredLatency measured = report.latency();
    if (measured == null) {
      return;
    }
    Section.open(page, "latency", "Latency");
    Latency dense = measured.dense();
    Latency pruned = measured.pruned();
    double longest = Math.max(dense.medianMs(), pruned.medianMs());
    Table table = Table.open(page, "Latency", "", "median", "95 % range", "of the original");
    row(table, "before", dense, longest);
    row(table, "after", pruned, longest);
    table.close();
    page.element(
        "p",
        "Batch %d on %s with %s, %d rounds in which both models ran in turns"
                .formatted(
                    pruned.batch(),
                    measured.device(),
                    measured.threads() == 0
                        ? "one thread per core"
                        : measured.threads() + " threads",
                    pruned.rounds())
            + (measured.target() == null
                ? "."
                : "; %d candidates were pruned and timed. Asked for: %s."
                    .formatted(measured.candidates(), measured.target()))
            + " The share is the median of the rounds' ratios, which need not be the ratio of the"
            + " medians.");
    if (measured.target() != null) {
      alignments(measured, page);
    }
    Section.close(page);
  }

  private static void row(Table table, String name, Latency latency, double longest) {
    table.row(name);
    table.bar(
        latency.medianMs(), Quantity.ms(latency.medianMs()) + " ms", latency.medianMs() / longest);
    Range range = latency.medianRange();
    table.cell(Quantity.ms(range.low()) + " – " + Quantity.ms(range.high()) + " ms");
    table.number(latency.ratio(), Quantity.percent(latency.ratio())).end();
  }

  private static void alignments(MeasuredLatency measured, Markup page) {
    if (measured.alignments().isEmpty()) {
      page.element("p", "Widths that were cut are multiples of " + measured.align() + ".");
      return;
    }
    page.element(
        "p",
        "Widths that were cut are multiples of "
            + measured.align()
            + ", the fastest at equal multiply-accumulates:");
    Table table =
        Table.open(page, "Latency by alignment", "multiples of", "of the original", "95 % range");
    for (Alignment each : measured.alignments()) {
      table.row(Integer.toString(each.align()));
      Latency latency = each.latency();
      if (latency == null) {
        table.cell("no such plan").cell("–");
      } else {
        Range range = latency.ratioRange();
        table.bar(latency.ratio(), Quantity.percent(latency.ratio()), latency.ratio());
        table.cell(Quantity.percent(range.low()) + " – " + Quantity.percent(range.high()));
      }
      table.end();
    }
    table.close();
  }
}
