package io.gohsp.cli;

import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.latency.MeasuredLatency.Alignment;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is said about how long models take. */
final class LatencyReport {
  private LatencyReport() {}

  static void write(Json json, MeasuredLatency measured) throws IOException {
    Latency pruned = measured.pruned();
    if (measured.target() == null) {
      json.putNull("target");
    } else {
      json.put("target", measured.target().toString());
    }
    json.put("device", measured.device().toString());
    json.put("threads", (long) measured.threads());
    json.put("batch", pruned.batch());
    json.put("rounds", (long) pruned.rounds());
    json.object(
        "medianMs",
        object -> {
          object.putMs("before", measured.dense().medianMs());
          object.putMs("after", pruned.medianMs());
          object.putMs("low", pruned.medianRange().low());
          object.putMs("high", pruned.medianRange().high());
        });
    json.object(
        "ratio",
        object -> {
          object.put("after", pruned.ratio());
          object.put("low", pruned.ratioRange().low());
          object.put("high", pruned.ratioRange().high());
        });
    json.put("align", (long) measured.align());
    json.array(
        "alignments",
        array -> {
          for (Alignment each : measured.alignments()) {
            Latency latency = each.latency();
            if (latency != null) {
              array.element(
                  object -> {
                    object.put("align", (long) each.align());
                    object.put("ratio", latency.ratio());
                    object.put("low", latency.ratioRange().low());
                    object.put("high", latency.ratioRange().high());
                  });
            }
          }
        });
    json.put("candidates", (long) measured.candidates());
  }

  static void print(PrintWriter out, MeasuredLatency measured) {
    Latency pruned = measured.pruned();
    Range range = pruned.ratioRange();
    out.println(
        String.format(
            Locale.ROOT,
            "latency with batch %d on %s: %.3f ms before, %.3f ms after, %.1f %% (%.1f to %.1f, 95 %%"
                + " of %d rounds in turns)%s",
            pruned.batch(),
            measured.device(),
            measured.dense().medianMs(),
            pruned.medianMs(),
            100 * pruned.ratio(),
            100 * range.low(),
            100 * range.high(),
            pruned.rounds(),
            measured.target() == null ? "" : "; asked for: " + measured.target()));
    if (!measured.alignments().isEmpty()) {
      out.println(
          "align "
              + measured.align()
              + " chosen at equal multiply-accumulates: "
              + measured.alignments().stream()
                  .map(LatencyReport::text)
                  .collect(Collectors.joining(", ")));
    }
  }

  private static String text(Alignment each) {
    Latency latency = each.latency();
    return latency == null
        ? each.align() + " has no such plan"
        : String.format(
            Locale.ROOT,
            "%d takes %.1f %% (%.1f to %.1f)",
            each.align(),
            100 * latency.ratio(),
            100 * latency.ratioRange().low(),
            100 * latency.ratioRange().high());
  }
}
