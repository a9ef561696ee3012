package io.gohsp.bench;

import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.ort.HostTensor;
import io.gohsp.train.Objective;
import io.gohsp.train.Optimizer;
import io.gohsp.train.OptimizerSettings;
import io.gohsp.train.TrainableModel;
import java.util.Arrays;
import java.util.List;

/**
 * Times training steps: loss, gradients of all parameters, AdamW update, on one random batch.
 * Classifiers learn random labels, other models random outputs; how long that takes does not depend
 * on the numbers.
 *
 * @param warmUp untimed steps: the first ones allocate memory and load code
 * @param steps timed steps
 */
public record TrainingProbe(int warmUp, int steps) {
  /** Enough for a stable median. */
  public static final TrainingProbe STANDARD = new TrainingProbe(3, 15);

  /** So small that the weights stay finite for any number of steps. */
  private static final double RATE = 1e-4;

  public TrainingProbe {
    if (warmUp < 0 || steps < 1) {
      throw new IllegalArgumentException(warmUp + " steps of warm-up and " + steps + " timed ones");
    }
  }

  /**
   * Trains a model for the clock; the model stays as it is.
   *
   * @throws io.gohsp.ir.ModelException if it cannot be differentiated or run
   */
  public TrainingSpeed measure(Model model, RandomBatch batch, Engine engine) {
    Objective objective = Objective.given(model);
    List<HostTensor> targets = objective.losses().stream().map(batch::target).toList();
    try (TrainableModel trainable = TrainableModel.of(model, objective, engine)) {
      OptimizerSettings settings = OptimizerSettings.AdamW.withDecay(0.05);
      Optimizer optimizer = settings.create(trainable.store());
      double[] ms = new double[steps];
      double[] shares = new double[steps];
      for (int step = -warmUp; step < steps; step++) {
        long start = System.nanoTime();
        trainable.backward(batch.inputs(), targets);
        long differentiated = System.nanoTime();
        optimizer.update((long) step + warmUp, RATE, settings.momentum());
        long end = System.nanoTime();
        if (step >= 0) {
          ms[step] = (end - start) / 1e6;
          shares[step] = (double) (end - differentiated) / (end - start);
        }
      }
      return new TrainingSpeed(
          batch.size(),
          steps,
          LatencyProbe.median(ms),
          Arrays.stream(ms).min().orElseThrow(),
          LatencyProbe.median(shares));
    }
  }
}
