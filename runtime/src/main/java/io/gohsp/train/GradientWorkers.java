package io.gohsp.train;

import io.gohsp.data.Position;
import java.util.List;

/** Computes gradients of batches in other processes, which have a {@link Replica} each. */
@FunctionalInterface
public interface GradientWorkers {
  /**
   * The gradients of the batches of one update.
   *
   * @param weights as of now, in the order of {@link ParameterStore#weights}, FLOAT, little-endian
   * @param batches where they lie
   * @param parts runs that a batch takes
   * @return one for each batch, in their order
   */
  List<BatchGradient> compute(byte[] weights, List<Position> batches, int parts);
}
