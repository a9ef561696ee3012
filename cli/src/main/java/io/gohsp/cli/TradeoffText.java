package io.gohsp.cli;

import io.gohsp.cost.Cost;
import io.gohsp.pipeline.TradeOff;
import io.gohsp.pipeline.TradeOff.Point;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.report.Quantity;
import io.gohsp.train.Evaluation;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is said about a trade-off curve.
 *
 * @param model its file's name
 * @param data what the samples come from
 */
record TradeoffText(TradeOff.Result result, String model, String data, long seed) {
  void print(ConsoleOptions console, String json, PrintWriter out) {
    if (console.json()) {
      out.println(json);
    } else if (console.text()) {
      printText(out);
    }
    out.flush();
  }

  void write(Json json) throws IOException {
    json.put("data", data);
    json.put("seed", seed);
    json.put("labelled", result.labelled());
    json.put("samples", result.evaluation().samples());
    json.object("original", object -> write(object, result.dense(), result.evaluation()));
    json.array(
        "points",
        array -> {
          for (Point point : result.points()) {
            array.element(
                object -> {
                  object.put("budget", point.budget().toString());
                  write(object, point.cost(), point.evaluation());
                  object.array("blocks", blocks -> write(blocks, point.plan()));
                  StreamText.writeKept(object, point.plan().streams());
                });
          }
        });
    json.array("unreachable", array -> array.strings(result.unreachable()));
    json.array("tables", array -> LossTables.write(array, result.tables()));
  }

  private static void write(Json json, Cost cost, Evaluation evaluation) throws IOException {
    json.put("params", cost.params());
    json.put("macs", cost.macs());
    json.put("loss", evaluation.loss());
    json.put("accuracy", evaluation.accuracy());
  }

  private static void write(Json blocks, PruningPlan plan) throws IOException {
    for (BlockPlan block : plan.blocks()) {
      blocks.element(
          object -> {
            object.put("name", block.block());
            object.put("heads", kept(block.headsKept(), block.heads()));
            object.put("qkWidth", width(block.qkKept(), block.qkWidth()));
            object.put("vWidth", width(block.vKept(), block.vWidth()));
            object.put("neurons", kept(block.neuronsKept(), block.neurons()));
          });
    }
  }

  private static @Nullable Integer kept(@Nullable List<Integer> some, @Nullable Integer all) {
    return some == null ? all : (Integer) some.size();
  }

  private static @Nullable Integer width(
      @Nullable List<List<Integer>> some, @Nullable Integer all) {
    return some == null || some.isEmpty() ? all : (Integer) some.get(0).size();
  }

  /** A size by itself, while others are still to come. */
  static String line(Point point) {
    Evaluation evaluation = point.evaluation();
    return String.format(
        Locale.ROOT,
        "%s: loss %.4f%s",
        point.budget(),
        evaluation.loss(),
        Double.isNaN(evaluation.accuracy())
            ? ""
            : String.format(
                Locale.ROOT, ", %s %.2f %%", evaluation.score(), 100 * evaluation.accuracy()));
  }

  private void printText(PrintWriter out) {
    boolean scored = !Double.isNaN(result.evaluation().accuracy());
    out.println(
        "%s: pruned and corrected without training, measured on %d samples"
            .formatted(model, result.evaluation().samples()));
    out.println(data);
    out.println();
    TextTable table =
        new TextTable()
            .row(
                "",
                "params",
                "kept",
                "MACs",
                "kept",
                result.labelled() ? "loss" : scored ? "divergence" : "error",
                result.labelled() ? "accuracy" : "top-1 agreement");
    row(table, "original", result.dense(), result.evaluation());
    for (Point point : result.points()) {
      row(table, point.budget().toString(), point.cost(), point.evaluation());
    }
    table.print(out);
    result.unreachable().forEach(out::println);
  }

  private void row(TextTable table, String name, Cost cost, Evaluation evaluation) {
    table.row(
        name,
        Quantity.of(cost.params()),
        Quantity.percent(cost.params(), result.dense().params()),
        Quantity.of(cost.macs()),
        Quantity.percent(cost.macs(), result.dense().macs()),
        String.format(Locale.ROOT, "%.4f", evaluation.loss()),
        Double.isNaN(evaluation.accuracy())
            ? "-"
            : String.format(Locale.ROOT, "%.2f %%", 100 * evaluation.accuracy()));
  }
}
