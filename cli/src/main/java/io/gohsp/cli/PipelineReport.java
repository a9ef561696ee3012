package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.equivalence.Provenance;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.phase.Recovered;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.recover.RecoveredLayer;
import io.gohsp.soft.Remaining;
import io.gohsp.study.LostAccuracy;
import io.gohsp.train.Evaluation;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is said about a model that was pruned with data.
 *
 * @param latency null if none was measured
 */
record PipelineReport(PruningResult result, @Nullable MeasuredLatency latency, Path output) {
  void print(ConsoleOptions console, PrintWriter out) {
    if (console.json()) {
      Json.print(out, this::write);
    } else if (console.text()) {
      printText(out);
    }
  }

  /** What {@code --json} prints where the cut is not equivalent. */
  static void printRefusal(Verdict verdict, PrintWriter out) {
    Json.print(
        out,
        json -> {
          json.putNull("output");
          json.object("verification", object -> VerdictReport.write(object, verdict));
        });
  }

  private PrunedReport pruned() {
    PrunedModel pruned =
        new PrunedModel(
            result.original(),
            result.model(),
            result.plan(),
            result.before(),
            result.after(),
            result.cut().mode(),
            latency,
            phase -> {});
    return new PrunedReport(pruned, output, result.cut());
  }

  private void write(Json json) throws IOException {
    pruned().write(json);
    json.put("data", result.origin().data());
    json.put("seed", result.origin().seed());
    json.put("trainedSteps", result.trained());
    json.object(
        "evaluation",
        object -> {
          object.object("before", part -> write(part, result.outcome().dense()));
          object.object("atCut", part -> write(part, result.outcome().atCut()));
          Recovered recovered = result.outcome().recovered();
          if (recovered == null) {
            object.putNull("recovered");
          } else {
            object.object("recovered", part -> write(part, recovered.evaluation()));
          }
          object.object("after", part -> write(part, result.outcome().last()));
        });
    Recovered recovered = result.outcome().recovered();
    json.array(
        "recoveredLayers",
        layers -> {
          for (RecoveredLayer layer :
              recovered == null ? List.<RecoveredLayer>of() : recovered.layers()) {
            layers.element(object -> write(object, layer));
          }
        });
    LostAccuracy drop = drop();
    if (drop == null) {
      json.putNull("maxDrop");
    } else {
      json.object(
          "maxDrop",
          object -> {
            object.put("allowed", drop.allowed().doubleValue());
            object.put("lost", drop.lost());
          });
    }
    json.array(
        "phases",
        phases -> {
          for (TrainedPhase phase : result.phases()) {
            phases.element(object -> write(object, phase));
          }
        });
    json.array("heads", heads -> RankReport.write(heads, result.choice().heads()));
  }

  private static void write(Json json, Evaluation evaluation) throws IOException {
    json.put("loss", evaluation.loss());
    json.put("accuracy", evaluation.accuracy());
    json.put("samples", evaluation.samples());
  }

  private static void write(Json json, RecoveredLayer layer) throws IOException {
    json.put("block", layer.block());
    json.put("part", layer.part());
    json.put("layer", layer.layer());
    json.put("errorBefore", layer.before());
    json.put("errorAfter", layer.after());
    json.put("leftAlone", layer.leftAlone());
  }

  private static void write(Json json, TrainedPhase phase) throws IOException {
    json.put("name", phase.name());
    json.put("steps", phase.training().steps());
    json.put("batchParts", (long) phase.training().parts());
    json.put("keptEpoch", phase.training().kept());
    json.put("corruptSamples", (long) phase.training().corrupt().size());
    json.array("epochs", epochs -> TrainingSummary.write(epochs, phase.training().epochs()));
    json.array(
        "remaining",
        rows -> {
          for (Map.Entry<Long, Remaining> row : phase.remaining().entrySet()) {
            rows.element(
                object -> {
                  object.put("step", row.getKey().longValue());
                  object.put("heads", row.getValue().heads());
                  object.put("columns", row.getValue().columns());
                  object.put("neurons", row.getValue().neurons());
                });
          }
        });
  }

  private void printText(PrintWriter out) {
    pruned().printTables(out);
    TextTable table = new TextTable().row("", "loss", result.outcome().dense().score());
    row(table, "before", result.outcome().dense());
    row(table, "after the cut", result.outcome().atCut());
    if (result.outcome().recovered() != null) {
      row(table, "recovered", result.outcome().recovered().evaluation());
    }
    if (result.isTuned()) {
      row(table, "fine-tuned", result.outcome().last());
    }
    table.print(out);
    out.println();
    LostAccuracy drop = drop();
    if (drop != null) {
      out.println(text(drop));
    }
    for (TrainedPhase phase : result.phases()) {
      List<Remaining> history = List.copyOf(phase.remaining().values());
      if (!history.isEmpty()) {
        out.println(
            "relative norm of pruned groups before the cut: "
                + PipelineProgress.text(history.get(history.size() - 1)));
      }
    }
    pruned().printUnseen(out);
    out.println(output + ": " + closing() + remark());
    out.flush();
  }

  /** Which file the comparison is true of: what was written, or what that was before it changed. */
  private String closing() {
    Recovered recovered = result.outcome().recovered();
    String changes =
        Provenance.changes(recovered == null ? 0 : recovered.corrected(), result.trained());
    return changes.isEmpty()
        ? VerdictReport.text(result.cut())
        : changes
            + ", so that it computes something else than the original; the cut itself was "
            + result.cut().summary();
  }

  private @Nullable LostAccuracy drop() {
    return LostAccuracy.of(result.plan(), result.outcome().dense(), result.outcome().last());
  }

  /** How much accuracy it cost, and how well that is known. */
  private String text(LostAccuracy drop) {
    return String.format(
        Locale.ROOT,
        "%.2f points of %s %s, %s allowed to be lost%s; measured on %,d samples, each %.2f points",
        Math.abs(drop.lost()),
        result.outcome().dense().score(),
        drop.lost() < 0 ? "gained" : "lost",
        drop.allowed().toPlainString(),
        drop.exceeded() ? " (fine-tuning made it worse, and its end is kept)" : "",
        result.outcome().last().samples(),
        100.0 / result.outcome().last().samples());
  }

  /** What is to be said of a correction or a fine-tuning that did not help. */
  private String remark() {
    String worse = worse();
    boolean kept = result.isTuned() && result.outcome().last().equals(result.outcome().untuned());
    return (kept
            ? "; no epoch of fine-tuning validated better than what it began with, which is kept"
            : "")
        + (worse == null ? "" : "; " + worse);
  }

  /**
   * That the result validates worse than an earlier state, by the criterion of {@code --keep best},
   * and how to get that state; null if it does not.
   */
  @Nullable String worse() {
    Evaluation last = result.outcome().last();
    Evaluation cut = result.outcome().atCut();
    Evaluation untuned = result.outcome().untuned();
    List<String> all = new ArrayList<>();
    if (cut.isBetterThan(untuned) && cut.isBetterThan(last)) {
      all.add(
          "it validates worse than right after the cut: "
              + change(cut, last)
              + " (--no-recover leaves out the correction)");
    }
    if (untuned.isBetterThan(last)) {
      all.add(
          "fine-tuning made it worse by validation: "
              + change(untuned, last)
              + " (--keep best keeps the better)");
    }
    return all.isEmpty() ? null : String.join("; ", all);
  }

  private static String change(Evaluation before, Evaluation after) {
    return String.format(Locale.ROOT, "loss %.4f before, %.4f after", before.loss(), after.loss())
        + accuracies(before, after);
  }

  private static String accuracies(Evaluation before, Evaluation after) {
    return Double.isNaN(before.accuracy())
        ? ""
        : String.format(
            Locale.ROOT,
            "; %s %.2f %% before, %.2f %% after",
            before.score(),
            100 * before.accuracy(),
            100 * after.accuracy());
  }

  private static void row(TextTable table, String name, Evaluation evaluation) {
    table.row(
        name,
        String.format(Locale.ROOT, "%.4f", evaluation.loss()),
        Double.isNaN(evaluation.accuracy())
            ? "-"
            : String.format(Locale.ROOT, "%.2f %%", 100 * evaluation.accuracy()));
  }
}
