package io.gohsp.selection;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.cost.Weight;
import io.gohsp.cost.Weights;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.Block;
import io.gohsp.vit.Coordinates;
import io.gohsp.vit.MlpPart;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The l1 norms of neurons: {@code ‖W1[m,:]‖₁ + ‖W2[:,m]‖₁}, without biases. */
public final class NeuronNorms {
  private NeuronNorms() {}

  /** [blocks][neurons]; empty where a block has no MLP. A gated MLP has two rows for a neuron. */
  public static List<double[]> of(WorkingModel working) {
    return of(working, weight -> null);
  }

  /**
   * As if weights had other numbers than the model says.
   *
   * @param numbers of a constant of the model, row-major; null for what the model says
   */
  public static List<double[]> of(
      WorkingModel working, Function<Value, float @Nullable []> numbers) {
    List<Weight> weights = Weights.of(working.model()).toList();
    List<double[]> all = new ArrayList<>();
    Set<Factor> seen = new HashSet<>();
    for (Block block : working.blocks()) {
      MlpPart mlp = block.mlp();
      Factor neurons = mlp == null ? null : mlp.neurons().factor();
      double[] norms = new double[mlp == null ? 0 : mlp.neurons().size()];
      if (neurons != null && seen.add(neurons)) { // of tied MLPs the first counts for all
        for (Weight weight : weights) {
          List<AxisLayout> axes = working.analysis().layout(weight.value());
          if (axes != null && axes.size() > 1 && weight.packing() == 1) {
            add(weight, axes, neurons, norms, numbers);
          }
        }
      }
      all.add(norms);
    }
    return all;
  }

  private static void add(
      Weight weight,
      List<AxisLayout> axes,
      Factor neurons,
      double[] norms,
      Function<Value, float @Nullable []> other) {
    for (int axis = 0; axis < axes.size(); axis++) {
      if (axes.get(axis).factors().noneMatch(f -> f == neurons)) {
        continue;
      }
      int[] neuronAt = Coordinates.of(axes.get(axis), neurons);
      int inner =
          axes.subList(axis + 1, axes.size()).stream()
              .mapToInt(layout -> Math.toIntExact(layout.size().value()))
              .reduce(1, Math::multiplyExact);
      float[] given = other.apply(weight.value());
      float[] numbers = given == null ? WeightNumbers.of(weight) : given;
      for (int i = 0; i < numbers.length; i++) {
        int neuron = neuronAt[i / inner % neuronAt.length];
        if (neuron >= 0) {
          norms[neuron] += Math.abs(numbers[i]);
        }
      }
      return;
    }
  }
}
