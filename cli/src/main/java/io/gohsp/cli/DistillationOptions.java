package io.gohsp.cli;

import io.gohsp.train.Teaching;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much a teacher counts. */
final class DistillationOptions {
  @Option(
      names = "--distill",
      paramLabel = "F",
      description =
          "The teacher's share of the loss beside labels, 0 to 1 (default: 0.5; of prune and compare,"
              + " where training makes less than one and a half passes over the data: 1).")
  private @Nullable Double weight;

  @Option(
      names = "--temperature",
      paramLabel = "F",
      description = "By which distributions are softened (default: 2).")
  private @Nullable Double temperature;

  /**
   * What is said of what is trained towards.
   *
   * @param taught whether a teacher is listened to
   * @param recipes say on which samples and labels
   */
  Teaching teaching(boolean taught, RecipeOptions recipes) {
    return new Teaching(taught, weight, temperature, recipes.smoothing(), recipes.augmentation());
  }
}
