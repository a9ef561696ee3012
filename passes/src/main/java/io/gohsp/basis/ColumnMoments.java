package io.gohsp.basis;

import io.gohsp.axis.Factor;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the weights alone say about how a head's columns vary: their second moments if the norm
 * before the projection passed on white noise, METHOD.md section 9 without data. With weights W of
 * a head, its bias b, and the norm's scale γ and shift β, the covariance is {@code Wᵀ diag(γ²) W};
 * the mean {@code βW + b} adds its square. Where no norm is found, γ is one and β zero.
 */
public final class ColumnMoments {
  private final WorkingModel working;
  private final BasisAnalysis analysis;

  /**
   * @param working normalised
   */
  public ColumnMoments(WorkingModel working, BasisAnalysis analysis) {
    this.working = working;
    this.analysis = analysis;
  }

  /**
   * The two sides of a head's columns: queries and keys, or values and the output projection.
   *
   * @param first of the side that changes by the basis: second moments, row by row
   * @param second of the other side, likewise; keys about their mean, for what is the same for all
   *     keys does not pass the softmax
   */
  public record Sides(Matrix first, Matrix second) {}

  /** For each head; heads that share columns have the sum over all that do. */
  public List<Sides> of(AttentionPart attention, PrunableAxis axis, Freedom freedom) {
    int size = axis.size();
    double[][] first = new double[axis.rows()][size * size];
    double[][] second = new double[axis.rows()][size * size];
    Map<List<Integer>, double[]> means = new LinkedHashMap<>();
    Map<List<Integer>, Integer> rowOf = new HashMap<>();
    for (Place place : freedom.places()) {
      Lines lines = new Lines(place, analysis.sides(), working.analysis(), axis);
      List<Lines.HeadVector> vectors =
          lines.vectors(
              Objects.requireNonNull(ConstantValue.of(place.constant())), factors(attention));
      boolean bias = isBias(vectors);
      double[][] noise = bias ? null : scaleAndShift(place, vectors);
      for (Lines.HeadVector vector : vectors) {
        double scale = noise == null ? 1 : noise[0][vector.index()];
        double[] sum = place.dual() ? second[vector.row()] : first[vector.row()];
        if (!place.dual()) {
          double shift = bias ? 1 : noise == null ? 0 : noise[1][vector.index()];
          double[] mean = means.computeIfAbsent(vector.head(), head -> new double[size]);
          rowOf.put(vector.head(), vector.row());
          add(mean, vector.numbers(), shift);
        }
        if (!bias) {
          addSquare(sum, vector.numbers(), scale * scale);
        }
      }
    }
    means.forEach((head, mean) -> addSquare(first[rowOf.getOrDefault(head, 0)], mean, 1));
    List<Sides> all = new ArrayList<>();
    for (int head = 0; head < attention.headCount(); head++) {
      int row = attention.heads() == null ? 0 : axis.row(attention.heads(), head);
      all.add(new Sides(Matrix.of(size, first[row]), Matrix.of(size, second[row])));
    }
    return all;
  }

  private static List<Factor> factors(AttentionPart attention) {
    return attention.heads() == null ? List.of() : attention.heads().layout().factors().toList();
  }

  /** Has one vector for a head, while a weight has one for each input. */
  private static boolean isBias(List<Lines.HeadVector> vectors) {
    return vectors.stream().allMatch(vector -> vector.index() == 0);
  }

  /** Of what the weight is multiplied with; ones and zeroes if that is not known. */
  private double[][] scaleAndShift(Place place, List<Lines.HeadVector> vectors) {
    int channels = 1 + vectors.stream().mapToInt(Lines.HeadVector::index).max().orElse(0);
    Value activation = activation(place.constant());
    NormBehind norm = activation == null ? null : NormBehind.of(activation, channels);
    return norm == null
        ? new double[][] {
          IntStream.range(0, channels).mapToDouble(i -> 1).toArray(), new double[channels]
        }
        : new double[][] {norm.scale(), norm.shift()};
  }

  /** The first activation that meets the constant, perhaps behind nodes that only turn it. */
  private @Nullable Value activation(Value constant) {
    for (Use use : constant.uses()) {
      Node reader = use.node();
      Value found =
          reader
              .presentInputs()
              .filter(input -> !working.analysis().isConstant(input))
              .findFirst()
              .orElseGet(() -> reader.outputs().isEmpty() ? null : activation(reader.output(0)));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static void add(double[] sum, double[] numbers, double factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * numbers[i];
    }
  }

  private static void addSquare(double[] sum, double[] numbers, double factor) {
    int size = numbers.length;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        sum[i * size + j] += factor * numbers[i] * numbers[j];
      }
    }
  }
}
