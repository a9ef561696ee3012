package io.gohsp.train;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Weight decay, apart from the gradient. */
final class Decay {
  private final double strength;
  private final @Nullable INDArray decayed;

  Decay(ParameterStore store, double strength) {
    this.strength = strength;
    this.decayed =
        strength == 0 || store.decayedSize() == 0
            ? null
            : store.weights().range(0, store.decayedSize());
  }

  void apply(double rate) {
    if (decayed != null) {
      decayed.muli(1 - rate * strength);
    }
  }
}
