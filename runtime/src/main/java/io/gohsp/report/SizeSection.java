package io.gohsp.report;

import io.gohsp.cost.Cost;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/** What the model costs before and after, and what was asked for. */
final class SizeSection {
  private SizeSection() {}

  static void render(PruningReport report, Markup page) {
    Section.open(page, "sizes", "Sizes and budgets");
    Table table = Table.open(page, "Sizes", "", "before", "after", "kept");
    row(table, report, "parameters", Cost::params, Quantity::of);
    row(table, report, "multiply-accumulates", Cost::macs, Quantity::of);
    row(table, report, "weights", Cost::bytes, Quantity::bytes);
    table.close();
    Map<String, String> asked = report.plan().provenance();
    if (asked.containsKey("max-drop")) {
      page.element(
          "p",
          "Asked for: at most "
              + asked.get("max-drop")
              + ("1".equals(asked.get("max-drop")) ? " point" : " points")
              + " lost, with as little as that takes. Found: "
              + asked.get("budget")
              + ", allocation "
              + asked.get("allocation")
              + ".");
    } else if (asked.containsKey("budget")) {
      page.element(
          "p",
          "Asked for: at most "
              + asked.get("budget")
              + ", allocation "
              + asked.get("allocation")
              + ".");
    }
    if (asked.containsKey("latency")) {
      page.element("p", "Asked for: a latency of " + asked.get("latency") + ".");
    }
    int uncounted = report.before().uncounted().size();
    if (uncounted > 0) {
      page.element(
          "p",
          "The extents of "
              + uncounted
              + " nodes that multiply are not known; multiply-accumulates are too few by theirs.",
          "class",
          "note");
    }
    Section.close(page);
  }

  private static void row(
      Table table,
      PruningReport report,
      String name,
      ToLongFunction<Cost> quantity,
      LongFunction<String> text) {
    long before = quantity.applyAsLong(report.before());
    long after = quantity.applyAsLong(report.after());
    table.row(name).number(before, text.apply(before)).number(after, text.apply(after));
    if (before == 0) {
      table.cell("–");
    } else {
      table.bar((double) after / before, Quantity.percent(after, before), (double) after / before);
    }
    table.end();
  }
}
