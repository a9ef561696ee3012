package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.TokenWeights;
import io.gohsp.data.Batch;
import io.gohsp.data.DataException;
import io.gohsp.data.LastBatch;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.linalg.Matrix;
import io.gohsp.linalg.RowProducts;
import io.gohsp.linear.Activation;
import io.gohsp.linear.InputGraph;
import io.gohsp.linear.LinearLayer;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.verify.NoNumbers;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How what a layer reads varies, over the tokens of all calibration samples, each counting as much
 * as its {@link Activation} says. In double precision, in the order of the samples; of many rows
 * some (see {@link io.gohsp.linear.SampledRows}).
 */
public final class LayerInputs {
  private final Products products;
  private final double[] mean;

  /** The mean of the product of two channels. */
  @FunctionalInterface
  private interface Products {
    double of(int i, int j);
  }

  private LayerInputs(Products products, double[] mean) {
    this.products = products;
    this.mean = mean;
  }

  /**
   * Measures what some layers read in one pass over the samples.
   *
   * @param layers of the model's main graph
   * @return one for each layer, in their order
   * @throws DataException if the samples cannot be used
   */
  public static List<LayerInputs> measure(
      Model model, List<LinearLayer> layers, Calibration calibration) {
    Map<Activation, LayerInputs> all =
        measure(
            model,
            layers.stream()
                .map(Activation::of)
                .collect(Collectors.toCollection(LinkedHashSet::new)),
            calibration);
    return layers.stream()
        .map(layer -> Objects.requireNonNull(all.get(Activation.of(layer))))
        .toList();
  }

  /**
   * Measures some activations in one pass over the samples.
   *
   * @param activations of the model's main graph
   * @throws DataException if the samples cannot be used
   */
  public static Map<Activation, LayerInputs> measure(
      Model model, Set<Activation> activations, Calibration calibration) {
    TokenMask mask = activations.isEmpty() ? null : calibration.tokens(model);
    try (TokenWeights weights = new TokenWeights(mask, calibration.options())) {
      return measure(
          model,
          activations,
          mask,
          calibration.batches(model),
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
    Map<Activation, LayerInputs> all =
        measure(
            model,
            layers.stream()
                .map(Activation::of)
                .collect(Collectors.toCollection(LinkedHashSet::new)),
            mask,
            stream.batches(),
            (whole, results) -> {
              try (ModelStream.Run run = stream.new Run(whole)) {
                for (int batch = 0; batch < stream.batches(); batch++) {
                  results.accept(run.run(batch, Map.of()));
                }
              }
            });
    return layers.stream()
        .map(layer -> Objects.requireNonNull(all.get(Activation.of(layer))))
        .toList();
  }

  private static Map<Activation, LayerInputs> measure(
      Model model,
      Set<Activation> activations,
      @Nullable TokenMask mask,
      int runs,
      BiConsumer<Model, Consumer<Map<String, HostTensor>>> runner) {
    Map<Activation, LayerInputs> all = new LinkedHashMap<>();
    if (activations.isEmpty()) {
      return all;
    }
    List<Activation> measured = List.copyOf(activations);
    List<Sums> sums = measured.stream().map(some -> new Sums(some.channels())).toList();
    InputGraph graph = InputGraph.of(model, measured, mask == null ? null : mask.input(), runs);
    runner.accept(
        graph.model(),
        results -> {
          for (int i = 0; i < sums.size(); i++) {
            sums.get(i).add(graph.activations().get(i), results);
          }
        });
    for (int i = 0; i < sums.size(); i++) {
      all.put(measured.get(i), sums.get(i).finish(model, measured.get(i)));
    }
    return all;
  }

  /** Of one activation. */
  private static final class Sums {
    private final int channels;

    /** Of channels and weights, in one row. */
    private final RowProducts products;

    Sums(int channels) {
      this.channels = channels;
      this.products = new RowProducts(channels, 1);
    }

    void add(InputGraph.Rows names, Map<String, HostTensor> results) {
      products.add(
          Objects.requireNonNull(results.get(names.rows())).floats(),
          Objects.requireNonNull(results.get(names.weights())).floats());
    }

    LayerInputs finish(Model model, Activation of) {
      double[] mean = new double[channels];
      double finite = 0;
      double counted = products.at(channels, channels);
      for (int i = 0; i < channels; i++) {
        mean[i] = products.at(i, channels) / counted;
        finite += products.at(i, i);
      }
      if (!Double.isFinite(finite)) {
        throw NoNumbers.of(
            model,
            "has activations of \"" + of.value().name() + "\" that are not finite on the data");
      }
      return new LayerInputs((i, j) -> products.at(i, j) / counted, mean);
    }
  }

  /** The mean of each channel. */
  public double[] mean() {
    return mean.clone();
  }

  /**
   * Their covariance, with a ridge on its diagonal.
   *
   * @param ridge relative to the mean of the diagonal
   * @return [channels, channels]; zero throughout if they never move
   */
  public Matrix covariance(double ridge) {
    return moments(ridge, true);
  }

  /** Likewise their second moments, of which the mean is a part. */
  public Matrix secondMoments(double ridge) {
    return moments(ridge, false);
  }

  private Matrix moments(double ridge, boolean central) {
    int channels = mean.length;
    double[] all = new double[channels * channels];
    double trace = 0;
    for (int i = 0; i < channels; i++) {
      for (int j = 0; j < channels; j++) {
        all[i * channels + j] = products.of(i, j) - (central ? mean[i] * mean[j] : 0);
      }
      trace += all[i * channels + i];
    }
    return Matrix.of(channels, channels, all).plusDiagonal(ridge * trace / channels);
  }

  /**
   * What they are once some of them are written in other bases.
   *
   * @param places disjoint, of some channels
   * @param bases for each of them the matrix that row vectors are multiplied by
   */
  public LayerInputs in(List<int[]> places, List<Matrix> bases) {
    int channels = mean.length;
    Matrix change = Matrix.identity(channels);
    for (int k = 0; k < bases.size(); k++) {
      int[] at = places.get(k);
      for (int i = 0; i < at.length; i++) {
        for (int j = 0; j < at.length; j++) {
          change.values()[at[i] * channels + at[j]] = bases.get(k).at(i, j);
        }
      }
    }
    Matrix turned = change.transposedTimes(secondMoments(0)).times(change);
    double[] means = Matrix.of(1, channels, mean).times(change).values();
    // Rounding need not be symmetric.
    return new LayerInputs((i, j) -> (turned.at(i, j) + turned.at(j, i)) / 2, means);
  }
}
