package io.gohsp.report;

import io.gohsp.pipeline.PruningResult;
import io.gohsp.recover.RecoveredLayer;
import io.gohsp.train.Evaluation;
import java.util.List;

/** How well the model does: dense, at the cut, and in the end. */
final class OutcomeSection {
  private OutcomeSection() {}

  static void render(PruningReport report, Markup page) {
    PruningResult.Outcome outcome = report.outcome();
    if (outcome == null) {
      if (report.isUnmeasured()) {
        unmeasured(report.run(), page);
      }
      return;
    }
    String score = outcome.dense().score();
    Section.open(page, "outcome", Section.title(score));
    Table table =
        Table.open(
            page, Section.title(score) + " on validation data", "", score, "to dense", "loss");
    row(table, "dense", outcome.dense(), outcome.dense());
    row(table, "at the cut", outcome.atCut(), outcome.dense());
    if (outcome.recovered() != null) {
      row(table, "corrected", outcome.recovered().evaluation(), outcome.dense());
    }
    row(table, "final", outcome.last(), outcome.dense());
    table.close();
    page.element(
        "p",
        "Measured on "
            + outcome.last().samples()
            + " validation samples"
            + (outcome.dense().labelled()
                ? "."
                : ", which are not labelled: how often the highest score is the original's."),
        "class",
        "note");
    if (outcome.recovered() != null) {
      layers(outcome.recovered().layers(), page);
    }
    Section.close(page);
  }

  private static void unmeasured(Run run, Markup page) {
    Section.open(page, "outcome", "Accuracy");
    String output = run.output() == null ? "PRUNED" : run.output();
    page.element(
        "p",
        "How well the result does was not measured, and pruning without data costs accuracy. These"
            + " measure it, and win some back:");
    page.open("pre")
        .element(
            "code",
            "gohsp verify %2$s %1$s --data DATA\ngohsp train %1$s -o TUNED --data DATA --teacher %2$s"
                .formatted(output, run.model()))
        .close("pre");
    Section.close(page);
  }

  private static void layers(List<RecoveredLayer> layers, Markup page) {
    page.open("details").element("summary", "What the correction did, layer by layer");
    Table table =
        Table.open(
            page, "Correction after the cut", "layer", "error before", "error after", "left alone");
    for (RecoveredLayer layer : layers) {
      String reason = layer.leftAlone();
      table
          .row(layer.block() + ", " + layer.part())
          .number(layer.before(), Quantity.scientific(layer.before()))
          .number(layer.after(), Quantity.scientific(layer.after()))
          .words(reason == null ? "–" : reason)
          .end();
    }
    table.close();
    page.close("details");
  }

  private static void row(Table table, String name, Evaluation evaluation, Evaluation dense) {
    table.row(name);
    double accuracy = evaluation.accuracy();
    if (Double.isFinite(accuracy)) {
      table.bar(accuracy, Quantity.accuracy(accuracy), accuracy);
    } else {
      table.cell("–");
    }
    double difference = accuracy - dense.accuracy();
    table.cell(evaluation.equals(dense) ? "–" : Quantity.points(difference));
    table.number(evaluation.loss(), Quantity.fixed(evaluation.loss(), 4)).end();
  }
}
