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
   * @param momentum of this update: share of what went before in the direction it takes
   */
  void update(long step, double rate, double momentum);

  /** What a checkpoint has to keep, by name. */
  Map<String, FlatVector> state();
}
