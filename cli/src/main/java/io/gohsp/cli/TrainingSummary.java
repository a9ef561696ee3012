package io.gohsp.cli;

import io.gohsp.autodiff.TiedParameters.Tied;
import io.gohsp.pipeline.TrainedModel;
import io.gohsp.report.Quantity;
import io.gohsp.train.EpochReport;
import io.gohsp.train.Evaluation;
import io.gohsp.train.TrainingResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a training run came to. */
record TrainingSummary(Path target, TrainedModel trained, List<Tied> tied) {
  void print(ConsoleOptions console, PrintWriter out) {
    if (console.json()) {
      Json.print(out, this::write);
    } else if (console.text()) {
      text().forEach(out::println);
    }
    out.flush();
  }

  private List<String> text() {
    TrainingResult result = trained.training();
    Evaluation evaluation = result.evaluation();
    List<String> lines = new ArrayList<>();
    lines.add(
        target
            + (result.kept() == 0
                ? ": the weights it began with, as no epoch validated better"
                : ": weights of epoch " + result.kept())
            + (evaluation == null ? "" : ", " + text(evaluation)));
    lines.add(
        "%s parameters trained".formatted(Quantity.of(trained.parameters()))
            + (tied.isEmpty() ? "" : "; " + TiedText.of(tied)));
    if (result.isWorse() && evaluation != null && result.start() != null) {
      lines.add(
          "%s: validates worse than before training: %s, and now %s"
              .formatted(target, text(result.start()), text(evaluation)));
    }
    return lines;
  }

  private static String text(Evaluation evaluation) {
    return String.format(Locale.ROOT, "validation loss %.4f", evaluation.loss())
        + (Double.isFinite(evaluation.accuracy())
            ? String.format(
                Locale.ROOT, ", %s %.2f %%", evaluation.score(), 100 * evaluation.accuracy())
            : "");
  }

  private void write(Json json) throws IOException {
    TrainingResult result = trained.training();
    json.put("output", target.toString());
    json.put("steps", result.steps());
    json.put("batchParts", (long) result.parts());
    json.put("keptEpoch", result.kept());
    json.put("corruptSamples", (long) result.corrupt().size());
    json.put("trainedParams", trained.parameters());
    TiedText.write(json, tied);
    json.array("epochs", epochs -> write(epochs, result.epochs()));
  }

  /** Elements of an array, one for each epoch. */
  static void write(Json array, List<EpochReport> epochs) throws IOException {
    for (EpochReport report : epochs) {
      array.element(epoch -> write(epoch, report));
    }
  }

  private static void write(Json json, EpochReport report) throws IOException {
    json.put("epoch", report.epoch());
    json.put("trainLoss", report.loss());
    json.put("trainAccuracy", report.accuracy());
    Evaluation validation = report.validation();
    if (validation != null) {
      json.put("loss", validation.loss());
      json.put("accuracy", validation.accuracy());
      json.put("samples", validation.samples());
    }
  }
}
