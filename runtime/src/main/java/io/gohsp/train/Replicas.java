package io.gohsp.train;

import io.gohsp.data.Position;
import java.util.List;
import java.util.function.Consumer;

/** Other processes that have a {@link Replica} each. */
public interface Replicas {
  /**
   * The gradients of the batches of one update.
   *
   * @param weights as of now, in the order of {@link ParameterStore#weights}, FLOAT, little-endian
   * @param batches where they lie
   * @param parts runs that a batch takes
   * @param consumer is shown one for each batch, in their order, each as soon as it is its turn:
   *     all of an update are more than a process may have room for
   */
  void gradients(
      byte[] weights, List<Position> batches, int parts, Consumer<BatchGradient> consumer);

  /**
   * What validation samples add up to.
   *
   * @param weights likewise
   * @param shards that all samples are
   * @return parts of the shards, in their order
   */
  List<ValidationSums> validation(byte[] weights, int shards);
}
