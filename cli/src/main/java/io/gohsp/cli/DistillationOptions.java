package io.gohsp.cli;

import io.gohsp.train.Objective.Distillation;
import picocli.CommandLine.Option;

/** How much a teacher counts. */
final class DistillationOptions {
  @Option(
      names = "--distill",
      paramLabel = "F",
      description = "The teacher's share of the loss beside labels, 0 to 1 (default: 0.5).")
  private double weight = Distillation.STANDARD.weight();

  @Option(
      names = "--temperature",
      paramLabel = "F",
      description = "By which distributions are softened (default: 2).")
  private double temperature = Distillation.STANDARD.temperature();

  Distillation distillation() {
    return new Distillation(temperature, weight);
  }
}
