package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import org.jspecify.annotations.Nullable;

/** The mean of the gradients of several batches, or parts of a batch. */
final class GradientAccumulator {
  private final FlatVector gradients;
  private final @Nullable FlatVector sum;

  /**
   * @param several whether there are any to be added up
   */
  GradientAccumulator(ParameterStore store, boolean several) {
    this.gradients = store.gradients();
    this.sum = several ? store.vector() : null;
  }

  /**
   * Takes the gradients of a batch.
   *
   * @param share how much it counts; those of an update add up to 1
   * @param last whether it is the last one of its update
   */
  void add(double share, boolean last) {
    if (sum == null) {
      return;
    }
    Vectors.add(sum, share, gradients);
    if (last) {
      Vectors.copy(gradients, sum);
      sum.array().assign(0);
    }
  }
}
