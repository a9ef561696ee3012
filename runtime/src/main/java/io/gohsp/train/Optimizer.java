package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import java.util.Map;

/** Changes weights by their gradients. Has state, and belongs to one store. */
public interface Optimizer {
  /**
   * One update. The gradients are used up.
   *
   * @param step how many updates there were before
   * @param rate learning rate
   */
  void update(long step, double rate);

  /** What a checkpoint has to keep, by name. */
  Map<String, FlatVector> state();
}
