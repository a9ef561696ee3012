package io.gohsp.phase;

import io.gohsp.recover.RecoveredLayer;
import io.gohsp.train.Evaluation;
import java.util.List;

/**
 * What closed-form correction did.
 *
 * @param layers one for each layer that adds up over heads or neurons
 * @param evaluation the model after it
 */
public record Recovered(List<RecoveredLayer> layers, Evaluation evaluation) {
  public Recovered {
    layers = List.copyOf(layers);
  }

  /**
   * What is left to repair: of what the stream varies by behind the last layer that was corrected,
   * the part that is off, both as norms; NaN if none was.
   */
  public double error() {
    return layers.stream()
        .filter(RecoveredLayer::isCorrected)
        .reduce((earlier, last) -> last)
        .map(layer -> Math.sqrt(layer.after()))
        .orElse(Double.NaN);
  }

  /** How many layers have other weights now. */
  public long corrected() {
    return layers.stream().filter(RecoveredLayer::isCorrected).count();
  }
}
