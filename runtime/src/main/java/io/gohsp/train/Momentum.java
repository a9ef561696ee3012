package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link OptimizerSettings.Sgd} in operations on whole vectors. */
final class Momentum implements Optimizer {
  private final FlatVector velocity;
  private final ParameterStore store;
  private final INDArray gradients;
  private final Decay decay;

  Momentum(ParameterStore store, OptimizerSettings.Sgd settings) {
    this.store = store;
    velocity = store.vector();
    gradients = store.gradients().array();
    decay = new Decay(store, settings.weightDecay());
  }

  @Override
  public void update(long step, double rate, double momentum) {
    decay.apply(rate);
    velocity.array().muli(momentum).addi(gradients);
    Vectors.add(store.weights(), -rate, store.gradients());
    Vectors.add(store.weights(), -rate * momentum, velocity);
  }

  @Override
  public Map<String, FlatVector> state() {
    return Map.of("velocity", velocity);
  }
}
