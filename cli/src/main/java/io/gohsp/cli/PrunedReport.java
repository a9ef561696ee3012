package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.cost.Cost;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PlanCompletion;
import io.gohsp.report.Quantity;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is said about a pruned model in the end.
 *
 * @param output where the model is; null if it was not written
 * @param verdict null if it was not verified
 */
record PrunedReport(PrunedModel pruned, @Nullable Path output, @Nullable Verdict verdict) {

  void print(ConsoleOptions console, PrintWriter out) {
    if (console.json()) {
      Json.print(out, this::write);
    } else if (console.text()) {
      printText(out);
    }
  }

  void write(Json json) throws IOException {
    json.put("output", output == null ? null : output.toString());
    json.put("copy", pruned.isCopy());
    json.put("method", pruned.plan().provenance().get("method"));
    Cost before = pruned.before();
    Cost after = pruned.after();
    change(json, "params", before.params(), after.params());
    change(json, "embeddings", before.embeddings(), after.embeddings());
    change(json, "macs", before.macs(), after.macs());
    change(json, "bytes", before.bytes(), after.bytes());
    json.array(
        "blocks",
        array -> {
          for (BlockPlan block : pruned.plan().blocks()) {
            array.element(object -> write(object, block));
          }
        });
    StreamText.writeKept(json, pruned.plan().streams());
    if (completed() != null) {
      json.put("completed", completed());
    }
    MeasuredLatency latency = pruned.latency();
    if (latency == null) {
      json.putNull("latency");
    } else {
      json.object("latency", object -> LatencyReport.write(object, latency));
    }
    if (verdict == null) {
      json.putNull("verification");
    } else {
      json.object("verification", object -> VerdictReport.write(object, verdict));
    }
  }

  private static void change(Json json, String field, long before, long after) throws IOException {
    json.object(
        field,
        object -> {
          object.put("before", before);
          object.put("after", after);
        });
  }

  private static void write(Json json, BlockPlan block) throws IOException {
    List<Integer> heads = kept(block.headsKept(), block.heads());
    json.put("name", block.block());
    json.indices("headsKept", heads);
    json.rows("qkKept", rows(block.qkKept(), heads, block.qkWidth()));
    json.rows("vKept", rows(block.vKept(), heads, block.vWidth()));
    json.indices("neuronsKept", kept(block.neuronsKept(), block.neurons()));
  }

  /** Indices that stay, all written out; null if there is no such part. */
  private static @Nullable List<Integer> kept(
      @Nullable List<Integer> kept, @Nullable Integer size) {
    return kept != null || size == null ? kept : IntStream.range(0, size).boxed().toList();
  }

  private static @Nullable List<List<Integer>> rows(
      @Nullable List<List<Integer>> kept, @Nullable List<Integer> heads, @Nullable Integer width) {
    List<Integer> all = kept(null, width);
    return kept != null || heads == null || all == null
        ? kept
        : Collections.nCopies(heads.size(), all);
  }

  private void printText(PrintWriter out) {
    printTables(out);
    out.println(closing());
    printUnseen(out);
    if (output != null && !pruned.isCopy() && pruned.mode() != Verdict.Mode.PLAIN) {
      out.println(
          "%1$s: accuracy was not measured: gohsp verify MODEL %1$s --data DATA does that, gohsp train %1$s -o TUNED --data DATA --teacher MODEL wins some back"
              .formatted(output));
    }
    out.flush();
  }

  /** What the verification did not look at, if there is anything. */
  void printUnseen(PrintWriter out) {
    if (output != null && verdict != null && !verdict.evidence().unseen().isEmpty()) {
      out.println(output + ": " + VerdictReport.unseen(verdict.evidence()));
    }
  }

  /** Costs, what stays of each block, and latency. */
  void printTables(PrintWriter out) {
    Cost before = pruned.before();
    Cost after = pruned.after();
    TextTable costs =
        new TextTable()
            .row("", "before", "after", "kept")
            .row(
                "parameters",
                Quantity.of(before.params()),
                Quantity.of(after.params()),
                Quantity.percent(after.params(), before.params()));
    if (before.embeddings() > 0) {
      long others = before.params() - before.embeddings();
      long othersLeft = after.params() - after.embeddings();
      costs.row(
          "without embedding tables",
          Quantity.of(others),
          Quantity.of(othersLeft),
          Quantity.percent(othersLeft, others));
    }
    costs
        .row(
            "multiply-accumulates",
            Quantity.of(before.macs()),
            Quantity.of(after.macs()),
            Quantity.percent(after.macs(), before.macs()))
        .row(
            "weights",
            Quantity.bytes(before.bytes()),
            Quantity.bytes(after.bytes()),
            Quantity.percent(after.bytes(), before.bytes()))
        .print(out);
    out.println();
    if (!pruned.plan().blocks().isEmpty()) {
      BlockTable table = new BlockTable();
      for (BlockPlan block : pruned.plan().blocks()) {
        table.row(
            block.block(),
            share(block.headsKept() == null ? null : block.headsKept().size(), block.heads()),
            share(block.qkCount(), block.qkWidth()),
            share(block.vCount(), block.vWidth()),
            share(
                block.neuronsKept() == null ? null : block.neuronsKept().size(), block.neurons()));
      }
      table.print(out);
      out.println();
    }
    StreamText.printKept(out, pruned.plan().streams());
    if (completed() != null) {
      out.println(
          "not in the plan, but shared with what it cuts, and so cut alike: " + completed());
      out.println();
    }
    if (pruned.latency() != null) {
      LatencyReport.print(out, pruned.latency());
      out.println();
    }
  }

  /** What the plan did not name and goes nonetheless; null if there is nothing. */
  private @Nullable String completed() {
    return pruned.plan().provenance().get(PlanCompletion.PROVENANCE);
  }

  private String closing() {
    if (output == null) {
      return "nothing was written";
    }
    if (pruned.isCopy()) {
      return output + ": nothing is removed, so it is a byte-identical copy of the original";
    }
    return output
        + (verdict == null ? ": written without verification" : ": " + VerdictReport.text(verdict));
  }

  /** {@code 4 of 6}, or {@code 6} if all stay. */
  private static String share(@Nullable Integer kept, @Nullable Integer size) {
    if (size == null) {
      return "-";
    }
    return kept == null || kept.equals(size) ? size.toString() : kept + " of " + size;
  }
}
