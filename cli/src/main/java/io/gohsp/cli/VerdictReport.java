package io.gohsp.cli;

import io.gohsp.RecordedVerdict;
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
  }

  /** The same fields, of what was found in another run. */
  static void write(Json json, RecordedVerdict recorded) throws IOException {
    json.put("passed", recorded.passed());
    json.put("maxAbsError", orNaN(recorded.maxAbsError()));
    json.put("maxRelError", orNaN(recorded.maxRelError()));
    json.put("tolerance", recorded.tolerance());
    json.put("samples", (long) recorded.samples());
    json.putNull("device");
    json.put("mode", "cut");
    json.putNull("reason");
  }

  private static double orNaN(@Nullable Double number) {
    return number == null ? Double.NaN : number;
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
