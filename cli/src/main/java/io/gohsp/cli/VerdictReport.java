package io.gohsp.cli;

import io.gohsp.equivalence.RecordedVerdict;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The outcome of a comparison, for machines and for people. */
final class VerdictReport {
  private VerdictReport() {}

  /** The fields of an object. */
  static void write(Json json, Verdict verdict) throws IOException {
    json.put("passed", verdict.passed());
    json.put("maxAbsError", verdict.maxAbsError());
    json.put("maxRelError", verdict.maxRelError());
    json.put("tolerance", verdict.tolerance().relative());
    json.put("samples", (long) verdict.samples());
    json.put("device", verdict.device().toString());
    json.put("mode", verdict.mode().name().toLowerCase(Locale.ROOT));
    json.put("reason", verdict.reason());
    evidence(json, verdict.evidence());
  }

  private static void evidence(Json json, Evidence evidence) throws IOException {
    json.object(
        "evidence",
        object -> {
          object.object(
              "sizes",
              sizes -> {
                for (var entry : evidence.sizes().entrySet()) {
                  sizes.numbers(
                      entry.getKey(),
                      entry.getValue().stream().mapToDouble(Long::doubleValue).toArray());
                }
              });
          object.put("given", (long) evidence.given());
          object.object(
              "ids",
              ids -> {
                for (var entry : evidence.ids().entrySet()) {
                  ids.object(
                      entry.getKey(),
                      input -> {
                        input.put("seen", entry.getValue().seen());
                        input.put("rows", entry.getValue().rows());
                      });
                }
              });
          object.put("streams", (long) evidence.streams());
          object.object(
              "branches",
              branches -> {
                for (var entry : evidence.branches().entrySet()) {
                  branches.put(entry.getKey(), entry.getValue().text());
                }
              });
          object.put("structure", evidence.structure());
          object.strings("unseen", evidence.unseen());
        });
  }

  /**
   * The same fields, of a model that was trained since.
   *
   * @param recorded what was found when it was cut
   * @param verdict what can be said about it now
   */
  static void write(Json json, RecordedVerdict recorded, Verdict verdict) throws IOException {
    json.put("passed", verdict.passed());
    json.put("maxAbsError", orNaN(recorded.maxAbsError()));
    json.put("maxRelError", orNaN(recorded.maxRelError()));
    json.put("tolerance", recorded.tolerance());
    json.put("samples", (long) recorded.samples());
    json.putNull("device");
    json.put("mode", "cut");
    json.put("reason", verdict.reason());
    evidence(json, verdict.evidence());
  }

  private static double orNaN(@Nullable Double number) {
    return number == null ? Double.NaN : number;
  }

  /** What it rests on, in one line. */
  static String seen(Evidence evidence) {
    return "looked at " + String.join("; ", evidence.parts());
  }

  /** What was not looked at, in one line. */
  static String unseen(Evidence evidence) {
    return "did not look at " + String.join("; ", evidence.unseen());
  }

  /** One line. */
  static String text(RecordedVerdict recorded) {
    return "equivalent: "
        + (recorded.maxRelError() == null
            ? ""
            : String.format(Locale.ROOT, "max relative error %.2e ", recorded.maxRelError()))
        + String.format(
            Locale.ROOT, "(allowed %.0e), %d samples", recorded.tolerance(), recorded.samples());
  }

  /** One line. */
  static String text(Verdict verdict) {
    String what =
        verdict.mode() == Verdict.Mode.PLAIN
            ? "the original"
            : "the original with the removed parts switched off";
    return verdict.summary() + ", compared with " + what;
  }
}
