package io.gohsp.calibration;

import io.gohsp.autodiff.Loss;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.importance.GroupSums;
import io.gohsp.importance.Measured;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.linear.TokenMask;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import io.gohsp.selection.Importance;
import io.gohsp.shape.Size;
import io.gohsp.verify.NoNumbers;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The mean over samples, or batches, of a function of each group's sensitivity. Added up in double
 * precision, in the order of the samples.
 */
final class GroupShares implements Calibration.Visitor {
  private final SensitivityGraph graph;
  private final GroupSums sums;
  private final DoubleUnaryOperator function;
  private final Targets targets;
  private final long classes;
  private final double[] totals;
  private final Map<String, double[]> squares = new LinkedHashMap<>();
  private @Nullable TokenWeights tokens;
  private long count;

  private GroupShares(
      SensitivityGraph graph, Loss loss, long classes, long seed, DoubleUnaryOperator function) {
    this.graph = graph;
    this.sums = new GroupSums(graph);
    this.function = function;
    this.classes = classes;
    this.totals = new double[sums.count()];
    Map<String, ValueType> inputs = new LinkedHashMap<>();
    for (Value input : graph.model().graph().inputs()) {
      if (input != graph.target() && input.type() != null) {
        inputs.put(input.name(), input.type());
      }
    }
    this.targets = new Targets(loss, seed, inputs);
  }

  /**
   * Runs a model over the samples.
   *
   * @param measured by sample for gates, by batch for weights
   * @param function of the derivative of a sample's own loss, or of the batch's mean loss
   */
  static Importance mean(
      WorkingModel working,
      Loss loss,
      Measured measured,
      Calibration calibration,
      DoubleUnaryOperator function) {
    return run(working, loss, measured, List.of(), calibration, function).importance();
  }

  /**
   * Runs a model over the samples, and looks at gradients by some values as well.
   *
   * @param channels of which values
   */
  static GroupShares run(
      WorkingModel working,
      Loss loss,
      Measured measured,
      List<SensitivityGraph.Channels> channels,
      Calibration calibration,
      DoubleUnaryOperator function) {
    SensitivityGraph graph = SensitivityGraph.of(working, loss, measured, channels);
    List<Size> shape = Objects.requireNonNull(working.facts().shape(loss.value()));
    Size last = shape.get(shape.size() - 1);
    GroupShares shares =
        new GroupShares(
            graph, loss, last.isKnown() ? last.value() : 0, calibration.seed(), function);
    // Rows that only fill a batch up have shares of their own, but no gradients of their own.
    LastBatch incomplete = measured == Measured.GATES ? LastBatch.PAD : LastBatch.DROP;
    TokenMask mask = loss instanceof Loss.Projection ? calibration.tokens(working.model()) : null;
    try (TokenWeights tokens = new TokenWeights(mask, calibration.options())) {
      shares.tokens = tokens;
      calibration.run(
          "the sensitivity graph",
          graph.model(),
          Set.of(graph.target().name()),
          incomplete,
          shares);
    }
    return shares;
  }

  @Override
  public Map<String, HostTensor> feed(Batch batch, Map<String, ValueType> inputs) {
    String target = graph.target().name();
    ValueType type = Objects.requireNonNull(inputs.get(target));
    return Map.of(target, targets.of(batch, type, classes, padding(batch)));
  }

  private @Nullable HostTensor padding(Batch batch) {
    return tokens == null ? null : tokens.of(batch.inputs());
  }

  @Override
  public void take(Batch batch, Map<String, HostTensor> results) {
    List<double[]> outputs =
        graph.terms().stream()
            .map(term -> Objects.requireNonNull(results.get(term.output().name())).doubles())
            .toList();
    double[][] shares = sums.of(outputs, batch.rows());
    boolean bySample = graph.measured() == Measured.GATES;
    int rows = bySample ? batch.size() : 1;
    double scale = bySample ? batch.rows() : 1; // the loss is a mean
    for (int row = 0; row < rows; row++) {
      for (int group = 0; group < totals.length; group++) {
        totals[group] += function.applyAsDouble(scale * shares[row][group]);
      }
    }
    graph
        .squares()
        .forEach((name, value) -> addSquares(name, results.get(value.name()), batch.rows()));
    count += rows;
  }

  /** The loss is a mean over samples; their own gradients are as many times larger. */
  private void addSquares(String name, @Nullable HostTensor result, int rows) {
    double[] numbers = Objects.requireNonNull(result).doubles();
    double[] sum = squares.computeIfAbsent(name, n -> new double[numbers.length]);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += numbers[i] * rows * rows;
    }
  }

  /**
   * By value and channel {@code Σ (∂L/∂y)²} over tokens, L the loss of a sample; the mean over
   * samples.
   */
  Map<String, double[]> squares() {
    Map<String, double[]> means = new LinkedHashMap<>();
    squares.forEach(
        (name, sum) -> means.put(name, Arrays.stream(sum).map(total -> total / count).toArray()));
    return means;
  }

  Importance importance() {
    double[] means = Arrays.stream(totals).map(total -> total / count).toArray();
    if (!Arrays.stream(means).allMatch(Double::isFinite)) {
      throw NoNumbers.of(graph.model(), "has gradients that are not finite on the data");
    }
    return sums.importance(means);
  }
}
