package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;

/** {@link OptimizerSettings.AdamW} in three operations on whole vectors. */
final class Adam implements Optimizer {
  private final OptimizerSettings.AdamW settings;
  private final FlatVector first;
  private final FlatVector second;
  private final INDArray weights;
  private final INDArray gradients;
  private final Decay decay;

  Adam(ParameterStore store, OptimizerSettings.AdamW settings) {
    this.settings = settings;
    first = store.vector();
    second = store.vector();
    weights = store.weights().array();
    gradients = store.gradients().array();
    decay = new Decay(store, settings.weightDecay());
  }

  @Override
  public void update(long step, double rate, double momentum) {
    decay.apply(rate);
    // ND4J adds epsilon before it corrects the bias; this way it acts as if after.
    double epsilon =
        settings.epsilon() * Math.sqrt(1 - Math.pow(settings.beta2(), (double) step + 1));
    // The gradients become the update. The state comes second moment first. The bias of the first
    // is corrected as if its momentum had always been this step's, which is what PyTorch does.
    Nd4j.exec(
        new AdamUpdater(
            gradients,
            second.array(),
            first.array(),
            rate,
            momentum,
            settings.beta2(),
            epsilon,
            Math.toIntExact(step)));
    weights.subi(gradients);
  }

  @Override
  public Map<String, FlatVector> state() {
    Map<String, FlatVector> state = new LinkedHashMap<>();
    state.put("moment1", first);
    state.put("moment2", second);
    return state;
  }
}
