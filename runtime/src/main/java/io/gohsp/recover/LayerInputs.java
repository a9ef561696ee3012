package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.DataException;
import io.gohsp.ir.Model;
import io.gohsp.linalg.Matrix;
import io.gohsp.linalg.RowProducts;
import io.gohsp.linear.Activation;
import io.gohsp.linear.InputGraph;
import io.gohsp.linear.LinearLayer;
import io.gohsp.linear.TokenMask;
import io.gohsp.verify.NoNumbers;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
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

  /** The mean of the product of two channels, whichever comes first. */
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
    return measure(
        model,
        activations,
        mask,
        calibration.batches(model),
        (graph, sums) -> InputSums.add(model, graph, mask, calibration, sums));
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
            (graph, sums) -> {
              try (ModelStream.Run run = stream.new Run(graph.model())) {
                for (int batch = 0; batch < stream.batches(); batch++) {
                  InputSums.add(graph.activations(), run.run(batch, Map.of()), sums);
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
      BiConsumer<InputGraph, List<RowProducts>> runner) {
    Map<Activation, LayerInputs> all = new LinkedHashMap<>();
    if (activations.isEmpty()) {
      return all;
    }
    List<Activation> measured = List.copyOf(activations);
    List<RowProducts> sums =
        measured.stream().map(some -> InputSums.products(some.channels())).toList();
    runner.accept(InputGraph.of(model, measured, mask == null ? null : mask.input(), runs), sums);
    for (int i = 0; i < sums.size(); i++) {
      all.put(measured.get(i), finished(sums.get(i), model, measured.get(i)));
    }
    return all;
  }

  private static LayerInputs finished(RowProducts products, Model model, Activation of) {
    int channels = of.channels();
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
      for (int j = 0; j <= i; j++) {
        all[i * channels + j] = products.of(i, j) - (central ? mean[i] * mean[j] : 0);
        all[j * channels + i] = all[i * channels + j];
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
