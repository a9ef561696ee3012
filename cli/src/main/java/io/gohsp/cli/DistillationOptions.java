package io.gohsp.cli;

import io.gohsp.train.Objective.Distillation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much a teacher counts. */
final class DistillationOptions {
  @Option(
      names = "--distill",
      paramLabel = "F",
      description = "The teacher's share of the loss beside labels, 0 to 1 (default: 0.5).")
  private @Nullable Double weight;

  @Option(
      names = "--temperature",
      paramLabel = "F",
      description = "By which distributions are softened (default: 2).")
  private @Nullable Double temperature;

  boolean isGiven() {
    return weight != null || temperature != null;
  }

  Distillation distillation() {
    return new Distillation(
        temperature == null ? Distillation.STANDARD.temperature() : temperature,
        weight == null ? Distillation.STANDARD.weight() : weight);
  }
}
