package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.TokenWeights;
import io.gohsp.data.Batch;
import io.gohsp.data.DataException;
import io.gohsp.data.LastBatch;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.linalg.Matrix;
import io.gohsp.linear.InputGraph;
import io.gohsp.linear.LinearLayer;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.verify.NoNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the inputs of a linear layer vary together, over the tokens of all calibration samples. In
 * double precision, in the order of the samples.
 */
public final class LayerInputs {
  private final LinearLayer layer;
  private final double[] gram;
  private final double[] sum;
  private long rows;

  private LayerInputs(LinearLayer layer) {
    this.layer = layer;
    gram = new double[layer.inputs() * layer.inputs()];
    sum = new double[layer.inputs()];
  }

  /**
   * Measures some layers in one pass over the samples.
   *
   * @param layers of the model's main graph
   * @return one for each layer, in their order
   * @throws DataException if the samples cannot be used
   */
  public static List<LayerInputs> measure(
      Model model, List<LinearLayer> layers, Calibration calibration) {
    TokenMask mask = layers.isEmpty() ? null : calibration.tokens(model);
    try (TokenWeights weights = new TokenWeights(mask, calibration.options())) {
      return measure(
          model,
          layers,
          mask,
          (whole, results) ->
              calibration.run(
                  "the graph of layer inputs",
                  whole,
                  Set.of(TokenMask.FED),
                  LastBatch.DROP,
                  new Calibration.Visitor() {
                    @Override
                    public Map<String, HostTensor> feed(
                        Batch batch, Map<String, ValueType> inputs) {
                      HostTensor tokens = inputs.isEmpty() ? null : weights.of(batch.inputs());
                      return tokens == null ? Map.of() : Map.of(TokenMask.FED, tokens);
                    }

                    @Override
                    public void take(Batch batch, Map<String, HostTensor> values) {
                      results.accept(values);
                    }
                  }));
    }
  }

  /**
   * Likewise on samples that are on their way through the model.
   *
   * @param layers behind the place where they are
   */
  static List<LayerInputs> measure(
      Model model, List<LinearLayer> layers, @Nullable TokenMask mask, ModelStream stream) {
    return measure(
        model,
        layers,
        mask,
        (whole, results) -> {
          try (ModelStream.Run run = stream.new Run(whole)) {
            for (int batch = 0; batch < stream.batches(); batch++) {
              results.accept(run.run(batch, Map.of()));
            }
          }
        });
  }

  private static List<LayerInputs> measure(
      Model model,
      List<LinearLayer> layers,
      @Nullable TokenMask mask,
      BiConsumer<Model, Consumer<Map<String, HostTensor>>> runner) {
    List<LayerInputs> all = new ArrayList<>();
    layers.forEach(layer -> all.add(new LayerInputs(layer)));
    if (all.isEmpty()) {
      return all;
    }
    InputGraph graph = InputGraph.of(model, layers, mask == null ? null : mask.input());
    runner.accept(
        graph.model(),
        results -> {
          for (int i = 0; i < all.size(); i++) {
            all.get(i).add(graph.layers().get(i), results);
          }
        });
    all.forEach(layer -> layer.requireFinite(model));
    return all;
  }

  private void add(InputGraph.Sums names, Map<String, HostTensor> results) {
    add(results, names.gram(), gram);
    add(results, names.inputSum(), sum);
    rows += Objects.requireNonNull(results.get(names.rows())).longs()[0];
  }

  private static void add(Map<String, HostTensor> results, String name, double[] sum) {
    float[] values = Objects.requireNonNull(results.get(name)).floats();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
  }

  private void requireFinite(Model model) {
    for (double number : gram) {
      if (!Double.isFinite(number)) {
        throw NoNumbers.of(
            model,
            "has activations of \"" + layer.input().name() + "\" that are not finite on the data");
      }
    }
  }

  LinearLayer layer() {
    return layer;
  }

  /**
   * Their covariance, with a ridge on its diagonal.
   *
   * @param ridge relative to the mean of the diagonal
   * @return [inputs, inputs]; zero throughout if the inputs never move
   */
  public Matrix covariance(double ridge) {
    return moments(ridge, true);
  }

  /** Likewise their second moments, of which the mean is a part. */
  public Matrix secondMoments(double ridge) {
    return moments(ridge, false);
  }

  private Matrix moments(double ridge, boolean central) {
    int n = layer.inputs();
    double[] moments = new double[n * n];
    double trace = 0;
    for (int i = 0; i < n; i++) {
      double mean = central ? sum[i] / rows : 0;
      for (int j = 0; j < n; j++) {
        double both = gram[i * n + j] + gram[j * n + i]; // rounding need not be symmetric
        moments[i * n + j] = both / 2 / rows - mean * sum[j] / rows;
      }
      trace += moments[i * n + i];
    }
    for (int i = 0; i < n; i++) {
      moments[i * n + i] += ridge * trace / n;
    }
    return Matrix.of(n, n, moments);
  }
}
