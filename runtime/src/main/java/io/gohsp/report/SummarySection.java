package io.gohsp.report;

import io.gohsp.cost.Cost;
import io.gohsp.equivalence.Provenance;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.verify.Verdict;
import org.jspecify.annotations.Nullable;

/** The answer in a glance: what is left, how well it does, and whether the rewrite is right. */
final class SummarySection {
  private SummarySection() {}

  static void render(PruningReport report, Markup page) {
    page.open("header");
    page.element("p", "gohsp pruning report", "class", "kicker");
    page.element("h1", report.run().model());
    page.open("p", "class", "lead").text(lead(report)).text(" ");
    badge(report.verdict(), report.isChanged(), page);
    if (report.isUnmeasured()) {
      page.text(" ").element("span", "accuracy not measured", "class", "badge open");
    }
    page.close("p");
    if (report.isChanged()) {
      page.element("p", change(report), "class", "note");
    }
    page.open("dl", "class", "tiles");
    Cost before = report.before();
    Cost after = report.after();
    tile(
        page,
        "Parameters",
        Quantity.percent(after.params(), before.params()),
        Quantity.of(before.params()) + " → " + Quantity.of(after.params()));
    if (before.embeddings() > 0) {
      long others = before.params() - before.embeddings();
      long othersLeft = after.params() - after.embeddings();
      tile(
          page,
          "Without embedding tables",
          Quantity.percent(othersLeft, others),
          Quantity.of(others) + " → " + Quantity.of(othersLeft));
    }
    tile(
        page,
        "Multiply-accumulates",
        Quantity.percent(after.macs(), before.macs()),
        Quantity.of(before.macs()) + " → " + Quantity.of(after.macs()));
    tile(
        page,
        "Weights",
        Quantity.percent(after.bytes(), before.bytes()),
        Quantity.bytes(before.bytes()) + " → " + Quantity.bytes(after.bytes()));
    if (report.latency() != null) {
      tile(
          page,
          "Latency",
          Quantity.percent(report.latency().pruned().ratio()),
          Quantity.ms(report.latency().dense().medianMs())
              + " → "
              + Quantity.ms(report.latency().pruned().medianMs())
              + " ms");
    }
    if (report.outcome() != null) {
      outcome(report.outcome(), page);
    }
    page.close("dl").close("header");
  }

  private static String lead(PruningReport report) {
    if (report.isCopy()) {
      return "Nothing is removed.";
    }
    String method = report.method();
    return (method == null ? "Pruned by a plan" : "Pruned by " + method) + done(report);
  }

  /** What was done beside choosing, in its order. */
  private static String done(PruningReport report) {
    String cut = report.isSoftened() ? ", trained and cut" : "";
    if (report.isTuned()) {
      return report.isSoftened() ? ", trained, cut and fine-tuned." : ", cut and fine-tuned.";
    }
    return report.isTuningDropped()
        ? cut + "; no epoch of fine-tuning validated better than the state before, which is kept."
        : cut + ".";
  }

  private static String change(PruningReport report) {
    return "The cut is what was compared. "
        + (report.run().output() == null ? "The result" : report.run().output())
        + " was "
        + Provenance.changes(report.corrected(), report.trained())
        + ", so that it computes something else.";
  }

  private static void badge(@Nullable Verdict verdict, boolean changed, Markup page) {
    if (verdict == null) {
      page.element("span", "not verified", "class", "badge open");
    } else if (verdict.passed()) {
      page.element("span", changed ? "✓ cut equivalent" : "✓ equivalent", "class", "badge good");
    } else {
      page.element("span", "✗ not equivalent", "class", "badge bad");
    }
  }

  private static void outcome(PruningResult.Outcome outcome, Markup page) {
    double accuracy = outcome.last().accuracy();
    if (Double.isFinite(accuracy)) {
      tile(
          page,
          Section.title(outcome.last().score()),
          Quantity.accuracy(accuracy),
          Quantity.points(accuracy - outcome.dense().accuracy()) + " to dense");
    } else {
      tile(
          page,
          "Validation loss",
          Quantity.fixed(outcome.last().loss(), 4),
          "dense " + Quantity.fixed(outcome.dense().loss(), 4));
    }
  }

  private static void tile(Markup page, String name, String value, String detail) {
    page.open("div");
    page.element("dt", name).element("dd", value, "class", "value");
    page.element("dd", Quantity.unbroken(detail), "class", "detail");
    page.close("div");
  }
}
