package io.gohsp.cli;

import io.gohsp.equivalence.Verification;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How pruned models are compared with what they must equal. */
final class VerificationOptions {
  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "3",
      description = "Random inputs to compare on (default: ${DEFAULT-VALUE}).")
  private int samples = 3;

  @Mixin private ExecutionOptions execution = new ExecutionOptions();

  ExecutionOptions execution() {
    return execution;
  }

  /**
   * @param seed of the random inputs
   */
  Verification settings(long seed) {
    if (samples < 1) {
      throw new UsageError("--samples " + samples + " compares nothing; give 1 or more");
    }
    return new Verification(
        samples, seed, execution.sizes(), execution.device(), execution.threads());
  }
}
