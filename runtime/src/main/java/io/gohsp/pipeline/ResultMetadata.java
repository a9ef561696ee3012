package io.gohsp.pipeline;

import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.RecordedVerdict;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import io.gohsp.work.Fingerprint;

/** What the result of a pipeline says about itself. */
final class ResultMetadata {
  private ResultMetadata() {}

  /**
   * Writes into the result of a pipeline what it is. Of one that was trained the measured errors
   * are kept too: they cannot be measured again, and other machines train other weights anyway.
   */
  static void write(PruningResult result, Verification verification) {
    Model model = result.model();
    new Provenance(result.plan(), Fingerprint.of(result.original()), Verdict.Mode.MASKED)
        .writeTo(model, result.origin().command());
    Verdict cut = result.cut();
    long corrected = result.outcome().corrected();
    if (result.trained() == 0 && corrected == 0) {
      Provenance.writeVerification(model, verification, cut.mode(), Tolerance.STANDARD);
      return;
    }
    model.metadata().put(Provenance.VERIFICATION, RecordedVerdict.of(cut, verification).json());
    if (result.trained() > 0) {
      Provenance.addTraining(model, result.trained());
    }
    if (corrected > 0) {
      model.metadata().put(Provenance.RECOVERED, Long.toString(corrected));
    }
  }
}
