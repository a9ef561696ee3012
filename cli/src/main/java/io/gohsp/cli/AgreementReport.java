package io.gohsp.cli;

import io.gohsp.train.Agreement;
import java.io.IOException;
import java.util.Locale;

/** How far a pruned model says what its original says, for machines and for people. */
final class AgreementReport {
  private AgreementReport() {}

  /** The fields of an object. */
  static void write(Json json, Agreement agreement) throws IOException {
    json.put("samples", agreement.samples());
    json.put("agreement", agreement.sameClass());
    json.put("meanKl", agreement.divergence());
    json.object(
        "accuracy",
        object -> {
          object.put("original", agreement.firstAccuracy());
          object.put("pruned", agreement.secondAccuracy());
        });
    json.put("relativeError", agreement.relativeError());
  }

  /** One line. */
  static String text(Agreement agreement) {
    if (Double.isNaN(agreement.sameClass())) {
      return String.format(
          Locale.ROOT,
          "outputs differ by %.2f %% of their norm on %d samples",
          100 * agreement.relativeError(),
          agreement.samples());
    }
    String accuracy =
        Double.isNaN(agreement.firstAccuracy())
            ? ""
            : String.format(
                Locale.ROOT,
                "; accuracy %.2f %%, the original's %.2f %%",
                100 * agreement.secondAccuracy(),
                100 * agreement.firstAccuracy());
    return String.format(
            Locale.ROOT,
            "top-1 agreement with the original %.2f %% on %d samples, mean KL divergence %.4f",
            100 * agreement.sameClass(),
            agreement.samples(),
            agreement.divergence())
        + accuracy;
  }
}
