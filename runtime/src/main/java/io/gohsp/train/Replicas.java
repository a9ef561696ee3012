package io.gohsp.train;

import io.gohsp.data.Position;
import java.util.List;

/** Other processes that have a {@link Replica} each. */
public interface Replicas {
  /**
   * The gradients of the batches of one update.
   *
   * @param weights as of now, in the order of {@link ParameterStore#weights}, FLOAT, little-endian
   * @param batches where they lie
   * @param parts runs that a batch takes
   * @return one for each batch, in their order
   */
  List<BatchGradient> gradients(byte[] weights, List<Position> batches, int parts);

  /**
   * What validation samples add up to.
   *
   * @param weights likewise
   * @param shards that all samples are
   * @return parts of the shards, in their order
   */
  List<ValidationSums> validation(byte[] weights, int shards);
}
