package io.gohsp.recover;

import io.gohsp.axis.Contraction;
import io.gohsp.calibration.Calibration;
import io.gohsp.data.DataException;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.linalg.Matrix;
import io.gohsp.linear.Activation;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.BlockGroups;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the other inputs of a layer could not make up for: Optimal Brain Surgeon (Hassibi and Stork,
 * 1993) on the layers that add up over heads, value columns and neurons. Our choice [C]: the source
 * leaves open what columns are first chosen by, and this is what {@link Recovery} can repair least.
 * Query-key columns are no layer's inputs; nor are groups measured whose layer is written in a way
 * that is not understood.
 *
 * @param residual what a group adds to the mean squared error, over tokens and summed over outputs,
 *     each by its weight, after its layer has lost everything that adds less, and what stays has
 *     made up for what it can
 * @param energy what a group carries to the output by itself, its mean included: what the first one
 *     to go would add if nothing made up for it
 * @param measured by block the kinds that this was measured for; scores of others mean nothing
 */
public record SurgeonResiduals(
    Importance residual, Importance energy, List<Set<GroupKind>> measured) {
  private static final Set<GroupKind> OF_ATTENTION = EnumSet.of(GroupKind.HEADS, GroupKind.V);
  private static final Set<GroupKind> OF_MLP = EnumSet.of(GroupKind.NEURONS);

  /** Numerical rank may be less than it seems: then the ridge grows, by this at a time. */
  private static final double STRONGER = 10;

  /** All inputs count as independent by then. */
  private static final double STRONGEST = 1e3;

  /**
   * A layer and the groups among its inputs.
   *
   * @param block its place among the blocks
   * @param rows by kind and group the inputs of that group
   */
  private record Place(int block, LinearLayer layer, Map<GroupKind, int[][]> rows) {}

  /**
   * Measures all groups whose layers are understood, whatever is so of other blocks.
   *
   * @param settings how much is added to variances
   * @throws DataException if the samples cannot be used
   */
  public static SurgeonResiduals measure(
      WorkingModel working, Calibration calibration, RecoverySettings settings) {
    return of(working, inputs(working, calibration), settings, Map.of());
  }

  /** What has to be measured of a model. */
  public static Set<Activation> read(WorkingModel working) {
    return places(working).stream()
        .map(place -> Activation.weighted(working.model(), place.layer(), working.facts()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * What output layers read, by name.
   *
   * @throws DataException if the samples cannot be used
   */
  public static Map<String, LayerInputs> inputs(WorkingModel working, Calibration calibration) {
    Map<String, LayerInputs> inputs = new LinkedHashMap<>();
    LayerInputs.measure(working.model(), read(working), calibration)
        .forEach((activation, own) -> inputs.put(activation.value().name(), own));
    return inputs;
  }

  /**
   * Scores all groups whose layers are understood.
   *
   * @param inputs what output layers read, by name: of this model
   * @param settings how much is added to variances
   * @param metric by name of a layer's output and channel how much a squared error there counts; 1
   *     in layers that are not named
   */
  public static SurgeonResiduals of(
      WorkingModel working,
      Map<String, LayerInputs> inputs,
      RecoverySettings settings,
      Map<String, double[]> metric) {
    Importance residual = Importance.constant(working.blocks(), 0);
    Importance energy = Importance.constant(working.blocks(), 0);
    List<Place> places = places(working);
    for (Place place : places) {
      LayerInputs own = Objects.requireNonNull(inputs.get(place.layer().input().name()));
      Matrix weights = weighted(place.layer(), metric.get(place.layer().output().name()));
      score(place, sets -> costs(place.layer(), weights, own, settings.ridge(), sets), residual);
      score(place, sets -> energies(weights, own, sets), energy);
    }
    List<Set<GroupKind>> measured = new ArrayList<>();
    working.blocks().forEach(block -> measured.add(EnumSet.noneOf(GroupKind.class)));
    places.forEach(place -> measured.get(place.block()).addAll(place.rows().keySet()));
    return new SurgeonResiduals(residual, energy, measured);
  }

  /** What the layers write to, as a backward pass may look at it. */
  public static List<SensitivityGraph.Channels> outputs(WorkingModel working) {
    return places(working).stream()
        .map(Place::layer)
        .map(layer -> new SensitivityGraph.Channels(layer.output().name(), layer.channelsSecond()))
        .toList();
  }

  // ---- which layers

  private static List<Place> places(WorkingModel working) {
    List<Place> places = new ArrayList<>();
    List<List<BlockGroups>> groups = BlockGroups.of(working.blocks());
    for (int i = 0; i < groups.size(); i++) {
      Block block = working.blocks().get(i);
      if (block.attention() != null) {
        add(working, i, block.attention().outputs(), groups.get(i), OF_ATTENTION, places);
      }
      if (block.mlp() != null) {
        add(working, i, block.mlp().outputs(), groups.get(i), OF_MLP, places);
      }
    }
    places.removeIf(place -> place.rows().isEmpty());
    return places;
  }

  private static void add(
      WorkingModel working,
      int block,
      List<Contraction> outputs,
      List<BlockGroups> groups,
      Set<GroupKind> kinds,
      List<Place> places) {
    LinearLayer layer = GroupRows.layer(working, outputs);
    Map<GroupKind, int[][]> rows = new LinkedHashMap<>();
    for (BlockGroups some : groups) {
      if (kinds.contains(some.kind())) {
        int[][] found = layer == null ? null : GroupRows.of(working, layer, some);
        if (found != null) {
          rows.put(some.kind(), found);
        }
      }
    }
    if (layer != null) {
      places.add(new Place(block, layer, rows));
    }
  }

  // ---- what they are worth

  private static void score(
      Place place, Function<int[][], double[]> measure, Importance importance) {
    Scores scores = importance.blocks().get(place.block());
    place
        .rows()
        .forEach(
            (kind, rows) -> {
              List<List<Integer>> sets = List.copyOf(GroupRows.sets(rows));
              double[] measured =
                  measure.apply(
                      sets.stream()
                          .map(set -> set.stream().mapToInt(row -> row).toArray())
                          .toArray(int[][]::new));
              Map<List<Integer>, Double> bySet = new LinkedHashMap<>();
              for (int i = 0; i < measured.length; i++) {
                bySet.put(sets.get(i), measured[i]);
              }
              int next = 0;
              for (double[] row : scores.of(kind)) {
                for (int i = 0; i < row.length; i++) {
                  List<Integer> set = Arrays.stream(rows[next++]).boxed().toList();
                  row[i] = Objects.requireNonNull(bySet.get(set));
                }
              }
            });
  }

  /** Of an output that counts m times as much, an error is √m times as large. */
  private static Matrix weighted(LinearLayer layer, double @Nullable [] metric) {
    double[] weights = layer.weights();
    for (int i = 0; metric != null && i < weights.length; i++) {
      weights[i] *= Math.sqrt(metric[i % layer.outputs()]);
    }
    return Matrix.of(layer.inputs(), layer.outputs(), weights);
  }

  /** {@code Σ_ab C_ab (W_a · W_b)} over the rows of each group, C the second moments. */
  private static double[] energies(Matrix weights, LayerInputs inputs, int[][] groups) {
    Matrix moments = inputs.secondMoments(0);
    int[] outputs = IntStream.range(0, weights.columns()).toArray();
    double[] energies = new double[groups.length];
    for (int group = 0; group < groups.length; group++) {
      Matrix own = weights.part(groups[group], outputs);
      double[] products = own.timesTransposed(own).values();
      double[] together = moments.part(groups[group], groups[group]).values();
      for (int i = 0; i < products.length; i++) {
        energies[group] += products[i] * together[i];
      }
    }
    return energies;
  }

  /** With a ridge that is strong enough; zero throughout if the inputs never move. */
  private static double[] costs(
      LinearLayer layer, Matrix weights, LayerInputs inputs, double ridge, int[][] groups) {
    for (double tried = ridge; tried < STRONGEST; tried *= STRONGER) {
      // A bias takes what is constant.
      Matrix moments = layer.hasBias() ? inputs.covariance(tried) : inputs.secondMoments(tried);
      double[] costs = Elimination.costs(moments, weights, groups);
      if (costs != null) {
        return costs;
      }
    }
    return new double[groups.length];
  }
}
