package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import org.jspecify.annotations.Nullable;

/** The mean of the gradients of several batches. */
final class GradientAccumulator {
  private final FlatVector gradients;
  private final int batches;
  private final @Nullable FlatVector sum;

  GradientAccumulator(ParameterStore store, int batches) {
    this.gradients = store.gradients();
    this.batches = batches;
    this.sum = batches == 1 ? null : store.vector();
  }

  /**
   * Takes the gradients of a batch.
   *
   * @param index of the batch within its update, from 0
   */
  void add(int index) {
    if (sum == null) {
      return;
    }
    Vectors.add(sum, 1.0 / batches, gradients);
    if (index == batches - 1) {
      Vectors.copy(gradients, sum);
      sum.array().assign(0);
    }
  }
}
