package io.gohsp;

import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.nio.file.Path;

/** A pruned model that was found to compute what it must. */
public final class VerifiedModel {
  private final Verdict verdict;
  private final Output output;

  /** Where the model goes. */
  @FunctionalInterface
  interface Output {
    void write(Path file) throws IOException;
  }

  /**
   * @param verdict how far it was from what it must equal
   */
  VerifiedModel(Verdict verdict, Output output) {
    this.verdict = verdict;
    this.output = output;
  }

  /** How far it was from what it must equal. */
  public Verdict verdict() {
    return verdict;
  }

  /**
   * Writes the model. The file appears complete or not at all.
   *
   * @return this, for its verdict
   * @throws IOException if it cannot be written, or is a file that the original was read from
   */
  public VerifiedModel write(Path file) throws IOException {
    output.write(file);
    return this;
  }
}
