package io.gohsp.cli;

import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.util.Locale;

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

  /** One line. */
  static String text(Verdict verdict) {
    String what =
        verdict.mode() == Verdict.Mode.PLAIN
            ? "the original"
            : "the original with the removed parts switched off";
    return verdict.summary() + ", compared with " + what;
  }
}
