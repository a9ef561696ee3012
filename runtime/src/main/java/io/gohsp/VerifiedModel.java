package io.gohsp;

import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A pruned model that was found to compute what it must.
 *
 * @param pruned the model and where it comes from
 * @param settings what it was run on
 * @param verdict how far it was from what it must equal
 */
public record VerifiedModel(PrunedModel pruned, Verification settings, Verdict verdict) {
  /**
   * Writes the model. The file appears complete or not at all.
   *
   * @return this, for its verdict
   * @throws IOException if it cannot be written, or is a file that the original was read from
   */
  public VerifiedModel write(Path file) throws IOException {
    if (!pruned.isCopy()) {
      Provenance.writeVerification(pruned.model(), settings, pruned.mode(), Tolerance.STANDARD);
    }
    pruned.write(file);
    return this;
  }
}
