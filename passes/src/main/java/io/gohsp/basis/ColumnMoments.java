package io.gohsp.basis;

import io.gohsp.axis.Factor;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.linear.Activation;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a head's columns vary, by its weights and what is known of the activation that they read:
 * second moments for METHOD.md section 9. With the weights W of a head and its bias b, and the
 * activation's mean m and covariance C, the columns' covariance is {@code WᵀCW}; their mean {@code
 * mW + b} adds its square. Without data the activation is white noise through the scale γ and shift
 * β of the norm before it: C is {@code diag(γ²)} and m is β. Where no norm is found, γ is one and β
 * zero.
 */
public final class ColumnMoments {
  private final WorkingModel working;
  private final BasisAnalysis analysis;
  private final Function<Value, @Nullable InputVariation> known;

  /**
   * Without data.
   *
   * @param working normalised
   */
  public ColumnMoments(WorkingModel working, BasisAnalysis analysis) {
    this(working, analysis, activation -> null);
  }

  /**
   * With data.
   *
   * @param working normalised
   * @param known how activations vary, null for what is not known
   */
  public ColumnMoments(
      WorkingModel working,
      BasisAnalysis analysis,
      Function<Value, @Nullable InputVariation> known) {
    this.working = working;
    this.analysis = analysis;
    this.known = known;
  }

  /**
   * The two sides of a head's columns: queries and keys, or values and the output projection.
   *
   * @param first of the side that changes by the basis: second moments, row by row
   * @param second of the other side, likewise; keys about their mean, for what is the same for all
   *     keys does not pass the softmax
   */
  public record Sides(Matrix first, Matrix second) {}

  /** The activations that the columns' weights are multiplied with. */
  public Set<Activation> activations(Freedom freedom) {
    Set<Activation> all = new LinkedHashSet<>();
    for (Place place : freedom.places()) {
      Node reader = reader(place.constant());
      Value activation = reader == null ? null : activation(reader);
      List<Size> shape = activation == null ? null : working.facts().shape(activation);
      boolean second = reader != null && reader.is("Conv");
      Tensor constant = Objects.requireNonNull(ConstantValue.of(place.constant()));
      if (constant.dims().length > 1 && activation != null && shape != null && shape.size() > 1) {
        Size channels = shape.get(second ? 1 : shape.size() - 1);
        if (channels.isKnown() && activation.graph() == working.model().graph()) {
          all.add(new Activation(activation, Math.toIntExact(channels.value()), second));
        }
      }
    }
    return all;
  }

  /** Weights of a head, one vector for each channel. */
  private record HeadOf(int row, List<Integer> head, int copy) {}

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
      int channels = 1 + vectors.stream().mapToInt(Lines.HeadVector::index).max().orElse(0);
      InputVariation inputs = channels == 1 ? null : variation(place, channels);
      byHead(vectors, channels, size)
          .forEach(
              (of, weights) -> {
                double[] sum = place.dual() ? second[of.row()] : first[of.row()];
                if (inputs != null) {
                  add(sum, inputs.through(weights, size).elements(), 1);
                }
                if (!place.dual()) {
                  double[] mean = means.computeIfAbsent(of.head(), head -> new double[size]);
                  rowOf.put(of.head(), of.row());
                  addMean(mean, weights, inputs == null ? new double[] {1} : inputs.mean());
                }
              });
    }
    means.forEach((head, mean) -> addSquare(first[rowOf.getOrDefault(head, 0)], mean));
    List<Sides> all = new ArrayList<>();
    for (int head = 0; head < attention.headCount(); head++) {
      int row = attention.heads() == null ? 0 : axis.row(attention.heads(), head);
      all.add(new Sides(Matrix.of(size, first[row]), Matrix.of(size, second[row])));
    }
    return all;
  }

  /** [channels, size]; several, where several vectors of a head read the same channel. */
  private static Map<HeadOf, double[]> byHead(
      List<Lines.HeadVector> vectors, int channels, int size) {
    Map<HeadOf, double[]> all = new LinkedHashMap<>();
    Map<List<Integer>, Integer> met = new HashMap<>();
    for (Lines.HeadVector vector : vectors) {
      List<Integer> same = new ArrayList<>(vector.head());
      same.add(vector.row());
      same.add(vector.index());
      int copy = met.merge(same, 1, Integer::sum);
      double[] weights =
          all.computeIfAbsent(
              new HeadOf(vector.row(), vector.head(), copy), of -> new double[channels * size]);
      System.arraycopy(vector.numbers(), 0, weights, vector.index() * size, size);
    }
    return all;
  }

  private static List<Factor> factors(AttentionPart attention) {
    return attention.heads() == null ? List.of() : attention.heads().layout().factors().toList();
  }

  /**
   * Of what a weight is multiplied with. The rows of an output projection are read by its outputs,
   * of which nothing is known.
   */
  private InputVariation variation(Place place, int channels) {
    Node reader = reader(place.constant());
    Value activation = reader == null ? null : activation(reader);
    InputVariation measured = activation == null ? null : known.apply(activation);
    if (measured != null && measured.mean().length == channels) {
      return measured;
    }
    NormBehind norm = activation == null ? null : NormBehind.of(activation, channels);
    return norm == null ? NormBehind.ofNothing(channels) : norm;
  }

  /** The first node that multiplies the constant with something; others may turn it before. */
  private @Nullable Node reader(Value constant) {
    for (Use use : constant.uses()) {
      Node node = use.node();
      Node found =
          activation(node) != null || node.outputs().isEmpty() ? node : reader(node.output(0));
      if (found != null && activation(found) != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable Value activation(Node reader) {
    return reader
        .presentInputs()
        .filter(input -> !working.analysis().isConstant(input))
        .findFirst()
        .orElse(null);
  }

  private static void add(double[] sum, double[] numbers, double factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * numbers[i];
    }
  }

  private static void addMean(double[] sum, double[] weights, double[] mean) {
    for (int i = 0; i < weights.length; i++) {
      sum[i % sum.length] += mean[i / sum.length] * weights[i];
    }
  }

  private static void addSquare(double[] sum, double[] numbers) {
    int size = numbers.length;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        sum[i * size + j] += numbers[i] * numbers[j];
      }
    }
  }
}
