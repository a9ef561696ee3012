package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ir.Model;
import io.gohsp.text.OnnxText;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Updates of whole vectors against the textbook formulas, element by element in doubles, and
 * against PyTorch where a schedule moves the momentum.
 */
class OptimizersTest {
  private static final int STEPS = 10;
  private static final double RATE = 0.01;
  private static final double DECAY = 0.1;
  private static final double MOMENTUM = 0.9;

  /** Ten roundings to FLOAT of numbers around one. */
  private static final double ROUNDING = 2e-6;

  /** Of every size that gradients have, down to where epsilon counts. */
  private static final double[] SCALES = {1, 1e-3, 1e-6, 1e-8, 1e-10, 0};

  /** Weights after ten updates of PyTorch 2.13 in doubles, by testdata/schedule/one_cycle.py. */
  private static final double[] ADAMW_AFTER_ONE_CYCLE = {
    0.9914272339,
    -1.980737995,
    2.980402802,
    -0.4923086992,
    0.2544833291,
    0.1129781759,
    0.5086846185,
    -0.2496722119,
    0.9989826937
  };

  private static final double[] SGD_AFTER_ONE_CYCLE = {
    0.971106211,
    -1.991287432,
    2.999485732,
    -0.4999867348,
    0.2500006477,
    0.1249998779,
    0.5000000026,
    -0.2499999998,
    1
  };

  private static ParameterStore store() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[N,2] x) => (float[N,3] y)
            <float[3] bias = {0.5, -0.25, 1}, float[2,3] matrix = {1, -2, 3, -0.5, 0.25, 0.125}> {
              h = MatMul(x, matrix)
              y = Add(h, bias)
            }
            """);
    return ParameterStore.of(model.graph().initializers());
  }

  private static double[] weights(ParameterStore store) {
    double[] weights = new double[store.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = store.weights().floats().get(i);
    }
    return weights;
  }

  private static double[] gradients(ParameterStore store, Random random) {
    double[] gradients = new double[store.size()];
    for (int i = 0; i < gradients.length; i++) {
      float gradient = (float) (random.nextGaussian() * SCALES[i % SCALES.length]);
      store.gradients().floats().put(i, gradient);
      gradients[i] = gradient;
    }
    return gradients;
  }

  @Test
  void decayedParametersComeFirst() {
    ParameterStore store = store();
    assertThat(store.decayedSize()).isEqualTo(6);
    assertThat(store.entries().stream().map(entry -> entry.parameter().name()))
        .containsExactly("matrix", "bias");
    assertThat(weights(store)).containsExactly(1, -2, 3, -0.5, 0.25, 0.125, 0.5, -0.25, 1);
  }

  @Test
  void adamWIsTheFormula() {
    ParameterStore store = store();
    Optimizer optimizer = OptimizerSettings.AdamW.withDecay(DECAY).create(store);
    double[] expected = weights(store);
    double[] m = new double[expected.length];
    double[] v = new double[expected.length];
    Random random = new Random(1);
    for (int step = 1; step <= STEPS; step++) {
      double rate = RATE * step; // a schedule changes it
      double[] g = gradients(store, random);
      for (int i = 0; i < g.length; i++) {
        expected[i] *= i < store.decayedSize() ? 1 - rate * DECAY : 1;
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        double corrected = Math.sqrt(v[i] / (1 - Math.pow(0.999, step)));
        expected[i] -= rate * m[i] / (1 - Math.pow(0.9, step)) / (corrected + 1e-8);
      }
      optimizer.update(step - 1, rate, MOMENTUM);
    }
    assertThat(weights(store)).containsExactly(expected, within(ROUNDING));
  }

  @Test
  void sgdIsNesterovs() {
    ParameterStore store = store();
    Optimizer optimizer = new OptimizerSettings.Sgd(0.9, DECAY).create(store);
    double[] expected = weights(store);
    double[] velocity = new double[expected.length];
    Random random = new Random(2);
    for (int step = 1; step <= STEPS; step++) {
      double rate = RATE * step;
      double[] g = gradients(store, random);
      for (int i = 0; i < g.length; i++) {
        expected[i] *= i < store.decayedSize() ? 1 - rate * DECAY : 1;
        velocity[i] = 0.9 * velocity[i] + g[i];
        expected[i] -= rate * (g[i] + 0.9 * velocity[i]);
      }
      optimizer.update(step - 1, rate, MOMENTUM);
    }
    assertThat(weights(store)).containsExactly(expected, within(ROUNDING));
  }

  @Test
  void adamWOfOneCycleIsPyTorchs() {
    assertThat(afterOneCycle(OptimizerSettings.AdamW.withDecay(DECAY)))
        .containsExactly(ADAMW_AFTER_ONE_CYCLE, within(ROUNDING));
  }

  @Test
  void sgdOfOneCycleIsPyTorchs() {
    assertThat(afterOneCycle(new OptimizerSettings.Sgd(MOMENTUM, 0)))
        .containsExactly(SGD_AFTER_ONE_CYCLE, within(ROUNDING));
  }

  private static double[] afterOneCycle(OptimizerSettings settings) {
    ParameterStore store = store();
    Optimizer optimizer = settings.create(store);
    for (int step = 0; step < STEPS; step++) {
      for (int i = 0; i < store.size(); i++) {
        int digit = (7 * step + 5 * i) % 11 - 5;
        store.gradients().floats().put(i, (float) (digit * Math.pow(2, -4 * i)));
      }
      optimizer.update(
          step,
          RATE * Schedule.ONE_CYCLE.factor(step, STEPS, 0),
          Schedule.ONE_CYCLE.momentum(step, STEPS, settings.momentum()));
    }
    return weights(store);
  }

  @Test
  void stateIsAllThereIs() {
    ParameterStore one = store();
    ParameterStore other = store();
    Optimizer first = OptimizerSettings.AdamW.withDecay(DECAY).create(one);
    Random random = new Random(3);
    gradients(one, random);
    first.update(0, RATE, MOMENTUM);
    Optimizer second = OptimizerSettings.AdamW.withDecay(DECAY).create(other);
    Vectors.copy(other.weights(), one.weights());
    second.state().forEach((name, vector) -> Vectors.copy(vector, first.state().get(name)));
    gradients(one, random);
    Vectors.copy(other.gradients(), one.gradients());

    first.update(1, RATE, MOMENTUM);
    second.update(1, RATE, MOMENTUM);

    assertThat(weights(other)).isEqualTo(weights(one));
  }

  @Test
  void accumulatedGradientsAreTheirMean() {
    ParameterStore store = store();
    GradientAccumulator accumulator = new GradientAccumulator(store, true);
    Random random = new Random(4);
    for (int update = 0; update < 2; update++) {
      double[] mean = new double[store.size()];
      for (int batch = 0; batch < 3; batch++) {
        double[] g = gradients(store, random);
        for (int i = 0; i < g.length; i++) {
          mean[i] += g[i] / 3;
        }
        accumulator.add(1 / 3.0, batch == 2);
      }
      for (int i = 0; i < mean.length; i++) {
        assertThat((double) store.gradients().floats().get(i))
            .isCloseTo(mean[i], within(Math.abs(mean[i]) * 1e-6 + 1e-7 * SCALES[i % 6]));
      }
    }
  }
}
