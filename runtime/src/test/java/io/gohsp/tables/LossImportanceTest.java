package io.gohsp.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.calibration.TaylorImportance;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.ModelInputs;
import io.gohsp.engine.OrtEngine;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.Measured;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.linalg.Cholesky;
import io.gohsp.linalg.Matrix;
import io.gohsp.linear.Activation;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.recover.LayerInputs;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.Tensor;
import io.gohsp.train.Agreement;
import io.gohsp.workers.Shards;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables against what they stand for: how far outputs move when something is taken away. */
class LossImportanceTest {
  private static final VitArchitecture SMALL = new VitArchitecture(8, 1, 4, 12, 2, 2, 16, 4);
  private static final int SAMPLES = 512;

  private static Calibration calibration(Model model) {
    Value input = model.graph().inputs().get(0);
    return RandomArrays.of(
            input.name(), RandomArrays.sampleDims(Objects.requireNonNull(input.type())), SAMPLES, 0)
        .calibration(64);
  }

  private static Importance measure(Model model) {
    return LossImportance.measure(
        WorkingModel.normalized(model),
        calibration(model),
        null,
        RecoverySettings.STANDARD,
        Shards.HERE);
  }

  /** Weights as they are made at first move nothing far; these do. */
  private static Model model() {
    Model model = VitBuilder.build(SMALL, 3);
    for (Value value : model.graph().initializers()) {
      if (value.name().endsWith("weight") && value.name().contains("blocks")) {
        scale(model, value.name(), 0, Integer.MAX_VALUE, 3);
      }
    }
    scale(model, "head.weight", 0, Integer.MAX_VALUE, 10);
    return model;
  }

  /** Some numbers of a weight, in the order in which they are stored. */
  private static void scale(Model model, String name, int from, int to, double factor) {
    Value value =
        model.graph().initializers().stream()
            .filter(v -> v.name().equals(name))
            .findFirst()
            .orElseThrow();
    Tensor constant = Objects.requireNonNull(value.constant());
    float[] numbers = constant.floats();
    for (int i = from; i < Math.min(to, numbers.length); i++) {
      numbers[i] *= (float) factor;
    }
    value.setConstant(Tensor.ofFloats(constant.dims(), numbers));
  }

  private static double divergence(Model dense, Model other) {
    Calibration calibration = calibration(dense);
    return new Agreement.First(
            dense,
            calibration.samples().apply(ModelInputs.of(dense)),
            64,
            new OrtEngine(OrtOptions.DEFAULT.withThreads(1)),
            null)
        .with(other)
        .divergence();
  }

  /**
   * A query-key column that becomes weaker by ε costs ε² of its score. Labels that 512 samples draw
   * bring a tenth of noise to each score, hence sums over a block and 15 %.
   */
  @Test
  void queryKeyColumnsCostWhatTheDivergenceSays() {
    Model model = model();
    Importance scores = measure(model);
    double epsilon = 0.02;
    for (int block = 0; block < 2; block++) {
      double expected = 0;
      for (int column = 0; column < SMALL.dim(); column++) {
        Model weaker = ModelCopy.of(model).model();
        String weight = "blocks." + block + ".attn.qkv.weight"; // [3 · heads · columns, inputs]
        scale(weaker, weight, column * SMALL.dim(), (column + 1) * SMALL.dim(), 1 - epsilon);
        scale(weaker, "blocks." + block + ".attn.qkv.bias", column, column + 1, 1 - epsilon);
        expected += divergence(model, weaker) / epsilon / epsilon;
      }
      double actual =
          Arrays.stream(scores.blocks().get(block).qk()).flatMapToDouble(Arrays::stream).sum();
      assertThat(actual).isPositive().isCloseTo(expected, withinPercentage(15));
    }
  }

  /**
   * What brings errors at a layer's output to the loss: a head, column or neuron that becomes
   * weaker by ε costs ε² of half its squared derivative. The tolerance is as above.
   */
  @ParameterizedTest
  @EnumSource(names = {"HEADS", "V", "NEURONS"})
  void derivativesByGatesAreWhatTheDivergenceSays(GroupKind kind) {
    Model model = model();
    WorkingModel working = WorkingModel.normalized(model);
    Importance squares =
        TaylorImportance.measure(
            working, CalibrationLoss.of(working, false), Measured.GATES, calibration(model));
    double epsilon = 0.02;
    int inputs = kind == GroupKind.NEURONS ? SMALL.mlp() : SMALL.dim();
    int each = kind == GroupKind.HEADS ? SMALL.headDim() : 1;
    for (int block = 0; block < 2; block++) {
      double expected = 0;
      for (int group = 0; group < inputs / each; group++) {
        Model weaker = ModelCopy.of(model).model();
        String outputs =
            "blocks."
                + block
                + (kind == GroupKind.NEURONS ? ".mlp.fc2.weight" : ".attn.proj.weight");
        for (int row = 0; row < SMALL.dim(); row++) { // [outputs, inputs]
          int at = row * inputs + group * each;
          scale(weaker, outputs, at, at + each, 1 - epsilon);
        }
        expected += divergence(model, weaker) / epsilon / epsilon;
      }
      double actual =
          Arrays.stream(squares.blocks().get(block).of(kind)).flatMapToDouble(Arrays::stream).sum()
              / 2;
      assertThat(actual).isPositive().isCloseTo(expected, withinPercentage(15));
    }
  }

  /**
   * An entry of a table, half of a kind gone from a layer: a step of ε on the way from the layer as
   * it is to the one that has lost them and made up for them costs ε² of it. One number for each
   * layer stands for how far its tokens move together, which is that of columns or neurons by
   * themselves: 21 and 28 % off here. One of two heads with random weights moves all tokens alike,
   * and costs 2.3 times as much.
   */
  @ParameterizedTest
  @CsvSource({"HEADS, 2.5", "V, 1.4", "NEURONS, 1.4"})
  void entriesAreWhatTheDivergenceSays(GroupKind kind, double factor) {
    assertEntries(model(), kind, factor);
  }

  /**
   * One neuron makes one of the tokens a hundred times as long as the others, as trained models
   * have them: nearly all that the layer adds, and nothing that the output depends on. Counted like
   * the others it made all neurons look 50 times as cheap as they are.
   */
  @Test
  void aLongTokenDoesNotSetThePrice() {
    Model model = model();
    int token = 2;
    int dim = SMALL.dim();
    for (int i = 0; i < dim; i++) {
      float sign = i % 2 == 0 ? 1 : -1;
      set(model, "pos_embed", token * dim + i, 100 * sign);
      set(model, "blocks.0.mlp.fc1.weight", i, 2 * sign); // neuron 0: of that token alone
      set(model, "blocks.0.mlp.fc2.weight", i * SMALL.mlp(), i % 4 < 2 ? 50 : -50);
    }
    set(model, "blocks.0.mlp.fc1.bias", 0, -20);
    assertEntries(model, GroupKind.NEURONS, 2);
  }

  private static void set(Model model, String name, int at, float number) {
    Value value =
        model.graph().initializers().stream()
            .filter(v -> v.name().equals(name))
            .findFirst()
            .orElseThrow();
    Tensor constant = Objects.requireNonNull(value.constant());
    float[] numbers = constant.floats();
    numbers[at] = number;
    value.setConstant(Tensor.ofFloats(constant.dims(), numbers));
  }

  private static void assertEntries(Model model, GroupKind kind, double factor) {
    Importance scores = measure(model);
    double epsilon = 0.05;
    double actual = 0;
    double expected = 0;
    for (int block = 0; block < 2; block++) {
      double[] own =
          Arrays.stream(scores.blocks().get(block).of(kind))
              .flatMapToDouble(Arrays::stream)
              .toArray();
      double middle = Arrays.stream(own).sorted().toArray()[own.length / 2];
      actual += Arrays.stream(own).filter(score -> score < middle).sum();
      int each = (kind == GroupKind.NEURONS ? SMALL.mlp() : SMALL.dim()) / own.length;
      int[] gone =
          IntStream.range(0, each * own.length).filter(i -> own[i / each] < middle).toArray();
      String name = "blocks." + block + (kind == GroupKind.NEURONS ? ".mlp.fc2" : ".attn.proj");
      expected += divergence(model, stepped(model, name, gone, epsilon)) / epsilon / epsilon;
    }
    assertThat(actual).isBetween(expected / factor, expected * factor);
  }

  /** A step towards a layer without some inputs, for which the others make up. */
  private static Model stepped(Model model, String name, int[] gone, double epsilon) {
    Model copy = ModelCopy.of(model).model();
    LinearLayer layer =
        copy.graph().nodes().stream()
            .flatMap(node -> LinearLayer.find(node).stream())
            .filter(found -> reads(found, name + ".weight"))
            .findFirst()
            .orElseThrow();
    Activation read = Activation.weighted(copy, layer, ShapeInference.of(copy));
    LayerInputs inputs =
        Objects.requireNonNull(
            LayerInputs.measure(copy, Set.of(read), calibration(copy)).get(read));
    int[] stays =
        IntStream.range(0, layer.inputs())
            .filter(i -> Arrays.stream(gone).noneMatch(g -> g == i))
            .toArray();
    int[] outputs = IntStream.range(0, layer.outputs()).toArray();
    Matrix weight = Matrix.of(layer.inputs(), layer.outputs(), layer.weights());
    Matrix lost = weight.part(gone, outputs);
    Matrix moments = inputs.covariance(RecoverySettings.STANDARD.ridge());
    Matrix change =
        Objects.requireNonNull(Cholesky.of(moments.part(stays, stays)))
            .solve(moments.part(stays, gone).times(lost));
    double[] whole = new double[weight.values().length];
    double[] bias = new double[outputs.length];
    for (int o = 0; o < outputs.length; o++) {
      for (int i = 0; i < gone.length; i++) {
        whole[gone[i] * outputs.length + o] = -epsilon * lost.at(i, o);
        bias[o] += epsilon * inputs.mean()[gone[i]] * lost.at(i, o);
      }
      for (int i = 0; i < stays.length; i++) {
        whole[stays[i] * outputs.length + o] = epsilon * change.at(i, o);
        bias[o] -= epsilon * inputs.mean()[stays[i]] * change.at(i, o);
      }
    }
    layer.add(whole, bias);
    return copy;
  }

  private static boolean reads(LinearLayer layer, String weight) {
    return layer.node().presentInputs().anyMatch(input -> input.name().equals(weight))
        || layer
            .node()
            .presentInputs()
            .flatMap(input -> input.producer().stream())
            .flatMap(Node::presentInputs)
            .anyMatch(input -> input.name().equals(weight));
  }

  @Test
  void isTheSameEveryTime() {
    assertThat(measure(model())).isEqualTo(measure(model()));
  }
}
