package io.gohsp.calibration;

import io.gohsp.autodiff.Loss;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.GroupSums;
import io.gohsp.importance.Measured;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.linear.TokenMask;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import io.gohsp.selection.Importance;
import io.gohsp.shape.Size;
import io.gohsp.verify.NoNumbers;
import io.gohsp.workers.Shards;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
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
  private int first;
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
      WorkingModel working, Loss loss, Measured measured, Calibration calibration, Of function) {
    SensitivityGraph graph = SensitivityGraph.of(working, loss, measured, List.of());
    if (calibration.spread() != null) {
      Shares shares = new Shares(measured, loss instanceof Loss.CrossEntropy, function);
      return sharded(
              graph,
              working,
              loss,
              calibration,
              function,
              Spread.shards(calibration, working.model(), shares))
          .importance();
    }
    GroupShares shares =
        new GroupShares(graph, loss, classes(working, loss), calibration.seed(), function);
    try (TokenWeights tokens =
        new TokenWeights(mask(working, loss, calibration), calibration.options())) {
      shares.tokens = tokens;
      calibration.run(
          "the sensitivity graph",
          graph.model(),
          Set.of(graph.target().name()),
          incomplete(measured),
          shares);
    }
    return shares.importance();
  }

  /** What is taken of a share. */
  enum Of implements DoubleUnaryOperator {
    SQUARE {
      @Override
      public double applyAsDouble(double share) {
        return share * share;
      }
    },
    MAGNITUDE {
      @Override
      public double applyAsDouble(double share) {
        return Math.abs(share);
      }
    }
  }

  /** Rows that only fill a batch up have shares of their own, but no gradients of their own. */
  private static LastBatch incomplete(Measured measured) {
    return measured == Measured.GATES ? LastBatch.PAD : LastBatch.DROP;
  }

  /** Shares alone. */
  private record Shares(Measured measured, boolean labelled, Of function)
      implements Spread.Summing {
    @Override
    public Shards.Summing of(Model model, Calibration all) {
      WorkingModel working = WorkingModel.forSamples(model);
      Loss loss = CalibrationLoss.of(working, labelled);
      SensitivityGraph graph = SensitivityGraph.of(working, loss, measured, List.of());
      return summing(graph, working, loss, all, function);
    }
  }

  private static long classes(WorkingModel working, Loss loss) {
    List<Size> shape = Objects.requireNonNull(working.facts().shape(loss.value()));
    Size last = shape.get(shape.size() - 1);
    return last.isKnown() ? last.value() : 0;
  }

  private static @Nullable TokenMask mask(
      WorkingModel working, Loss loss, Calibration calibration) {
    return loss instanceof Loss.Projection ? calibration.tokens(working.model()) : null;
  }

  /**
   * Shares, and what gradients by some values are, added up shard by shard.
   *
   * @param graph that measures both
   * @param shards of which others than this process may compute some, by {@link #summing}
   */
  static GroupShares sharded(
      SensitivityGraph graph,
      WorkingModel working,
      Loss loss,
      Calibration calibration,
      DoubleUnaryOperator function,
      Shards shards) {
    GroupShares whole =
        new GroupShares(graph, loss, classes(working, loss), calibration.seed(), function);
    List<double[]> parts =
        shards.sums(
            calibration.shards(working.model()),
            summing(graph, working, loss, calibration, function));
    whole.add(Shards.added(parts), parts.get(0));
    return whole;
  }

  /** What is added up: see {@link #sums}. */
  static Shards.Summing summing(
      SensitivityGraph graph,
      WorkingModel working,
      Loss loss,
      Calibration calibration,
      DoubleUnaryOperator function) {
    return (from, to) -> {
      List<GroupShares> parts = new ArrayList<>();
      try (TokenWeights tokens =
          new TokenWeights(mask(working, loss, calibration), calibration.options())) {
        calibration.runShards(
            "the sensitivity graph",
            graph.model(),
            Set.of(graph.target().name()),
            incomplete(graph.measured()),
            from,
            to,
            shard -> {
              GroupShares part =
                  new GroupShares(
                      graph, loss, classes(working, loss), calibration.seed(), function);
              part.tokens = tokens;
              part.first = calibration.first(working.model(), shard);
              parts.add(part);
              return part;
            });
      }
      return parts.stream().map(GroupShares::sums).toList();
    };
  }

  /**
   * How many samples, the totals of groups, and for each value its number of channels and these.
   */
  private double[] sums() {
    DoubleStream numbers =
        DoubleStream.concat(DoubleStream.of((double) count), Arrays.stream(totals));
    for (String name : graph.squares().keySet()) {
      double[] channels = Objects.requireNonNull(squares.get(name));
      numbers =
          DoubleStream.concat(
              numbers,
              DoubleStream.concat(DoubleStream.of(channels.length), Arrays.stream(channels)));
    }
    return numbers.toArray();
  }

  /**
   * Takes such numbers.
   *
   * @param one of a single shard, which says how many channels there are
   */
  private void add(double[] sums, double[] one) {
    count = (long) sums[0];
    System.arraycopy(sums, 1, totals, 0, totals.length);
    int at = 1 + totals.length;
    for (String name : graph.squares().keySet()) {
      int channels = (int) one[at];
      squares.put(name, Arrays.copyOfRange(sums, at + 1, at + 1 + channels));
      at += 1 + channels;
    }
  }

  @Override
  public Map<String, HostTensor> feed(Batch batch, Map<String, ValueType> inputs) {
    String target = graph.target().name();
    ValueType type = Objects.requireNonNull(inputs.get(target));
    return Map.of(target, targets.of(batch, type, classes, padding(batch), first));
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
