package io.gohsp.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gohsp.autodiff.Loss;
import io.gohsp.autodiff.Parameters;
import io.gohsp.autodiff.TrainingGraph;
import io.gohsp.autodiff.TrainingOptions;
import io.gohsp.cost.Weights;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Fixture;
import io.gohsp.importance.GroupSums;
import io.gohsp.importance.Measured;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.lower.Lowering;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * METHOD.md section 8, invariant 7: the sensitivity of groups against difference quotients of the
 * loss, with the groups scaled by 1 - ε and 1 + ε. Half of the groups of a kind at a time, drawn at
 * random, so that a wrong sign, a missing weight or a mixed-up position shows in the sum.
 */
class FiniteDifferenceTest {
  /**
   * Every form of attention and of MLP that the fixtures have, a half-precision and a fused one.
   */
  private static final List<String> FIXTURES =
      List.of(
          "timm_vit_legacy_op17_fused_dynbatch",
          "timm_vit__fused_vit",
          "timm_vit_native_fp16",
          "timm_vit_swiglu_packed",
          "timm_vit_geglu",
          "timm_vit_conv_mlp",
          "timm_vit_qkvnobias",
          "timm_vit_tied_blocks",
          "timm_hiera",
          "timm_swin_legacy_dynbatch",
          "timm_eva02_dynamo",
          "nn_encoder_seqfirst_relu",
          "nn_encdec_cross",
          "hf_bert_eager_dynamo",
          "hf_llama_gqa_dynamo_op23",
          "hf_segformer",
          "hf_vit__onnx_attention23_3d",
          "keras_vit_legacy",
          "rep_einsum",
          "rep_gemm2d",
          "rep_interleaved_qkv",
          "rep_mergedbatch_dynbatch",
          "rep_mqa");

  /** Heads share keys and values: their weights are in several groups, and scaled but once. */
  private static final Set<String> SHARED = Set.of("hf_llama_gqa_dynamo_op23", "rep_mqa");

  /**
   * By how much groups are scaled, extrapolated to no step at all. Bends of the loss (ReLU, maxima)
   * want small steps, rounding large ones: one that agrees is enough.
   */
  private static final double[] STEPS = {0.02, 0.004, 0.0008};

  /** What higher derivatives leave, relative to the parts of the sum. */
  private static final double CURVATURE = 2e-3;

  /** Of outputs of thousands of FLOAT products, in the loss, for each of its elements. */
  private static final double ROUNDING = 3e-7;

  static Stream<Arguments> cases() {
    return FIXTURES.stream()
        .flatMap(name -> Stream.of(Cuts.Part.values()).map(part -> Arguments.of(name, part)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void gates(String name, Cuts.Part part) {
    Case test = new Case(name, part);
    Model masked = Pruning.mask(test.lowered.model(), test.plan);
    Map<String, Tensor> masks = new LinkedHashMap<>();
    for (Node node : masked.graph().nodes()) {
      if (node.is("Mul") && node.output().name().contains("_gated")) {
        Value gate = node.input(1);
        Tensor ones = Objects.requireNonNull(gate.constant());
        masks.put(gate.name(), ones);
        masked.graph().feed(gate, ValueType.TensorType.of(ones.type(), ones.dims()));
      }
    }
    assertThat(masks).isNotEmpty();
    try (OrtProgram program = program(masked)) {
      test.check(
          Measured.GATES,
          scale -> {
            Map<String, HostTensor> feed = new LinkedHashMap<>(test.inputs);
            masks.forEach((gate, mask) -> feed.put(gate, scaled(mask.floats(), mask, mask, scale)));
            return test.loss(program.run(feed).values().iterator().next());
          });
    }
  }

  /** A third of them: every part in some fixtures, every fixture with some part. */
  static Stream<Arguments> some() {
    List<Arguments> all = cases().toList();
    return IntStream.range(0, all.size()).filter(i -> i % 3 == 0).mapToObj(all::get);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("some")
  void weights(String name, Cuts.Part part) {
    assumeTrue(!SHARED.contains(name) || part == Cuts.Part.NEURONS);
    Case test = new Case(name, part);
    WorkingModel lowered = test.lowered;
    Keeps keeps = PlanResolver.resolve(test.plan, lowered.blocks(), Location.UNKNOWN);
    Set<Value> concerned = new LinkedHashSet<>();
    Weights.of(lowered.model())
        .filter(weight -> Parameters.trainable(weight.value()))
        .forEach(
            weight -> {
              var axes = lowered.analysis().layout(weight.value());
              if (axes != null && axes.stream().anyMatch(keeps::touches)) {
                concerned.add(weight.value());
              }
            });
    Value output = lowered.model().graph().outputs().get(0);
    TrainingGraph training =
        TrainingGraph.of(
            lowered.model(),
            new TrainingOptions(
                concerned::contains, List.of(new Loss.Projection(output, 1)), List.of()));
    assertThat(training.parameters().keySet()).containsAll(concerned);
    try (OrtProgram program = program(training.model())) {
      test.check(
          Measured.WEIGHTS,
          scale -> {
            Map<String, HostTensor> feed = new LinkedHashMap<>(test.inputs);
            feed.put(training.targets().get(0).name(), test.signs);
            training
                .parameters()
                .forEach(
                    (from, to) -> {
                      Tensor weight = Objects.requireNonNull(ConstantValue.of(from));
                      var axes = Objects.requireNonNull(lowered.analysis().layout(from));
                      Keeps.Mask mask = keeps.mask(axes);
                      Tensor spread = Tensor.ofFloats(mask.dims(), mask.values());
                      feed.put(to.name(), scaled(weight.floats(), weight, spread, scale));
                    });
            return program.run(feed).get(training.loss().name()).floats()[0];
          });
    }
  }

  private static OrtProgram program(Model model) {
    return OrtProgram.compile(model, OrtOptions.VERIFY.withThreads(1));
  }

  /** Numbers times {@code scale} where the mask, which broadcasts to them, is zero. */
  private static HostTensor scaled(float[] numbers, Tensor shape, Tensor mask, double scale) {
    float[] ones = mask.floats();
    long[] dims = shape.dims();
    float[] result = new float[numbers.length];
    boolean gate = shape == mask;
    for (int i = 0; i < result.length; i++) {
      int at = 0;
      int rest = i;
      int stride = 1;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        int position = (int) (rest % dims[axis]);
        rest /= (int) dims[axis];
        at += mask.dim(axis) == 1 ? 0 : position * stride;
        stride *= (int) mask.dim(axis);
      }
      float number = gate ? 1 : numbers[i];
      result[i] = ones[at] == 0 ? (float) (scale * number) : number;
    }
    return HostTensor.ofFloats(dims, result);
  }

  /** One fixture, and half of its groups of one kind. */
  private static final class Case {
    private final WorkingModel lowered;
    private final PruningPlan plan;
    private final Map<String, HostTensor> inputs = new LinkedHashMap<>();
    private final HostTensor signs;
    private final int samples;

    Case(String name, Cuts.Part part) {
      Fixture fixture = Fixture.of(name);
      lowered = WorkingModel.normalized(Lowering.of(fixture.model()).model());
      plan = Cuts.halves(lowered.blocks(), Set.of(part), 5);
      boolean cuts =
          plan.blocks().stream()
              .anyMatch(
                  b ->
                      Stream.of(b.headsKept(), b.qkKept(), b.vKept(), b.neuronsKept())
                          .anyMatch(Objects::nonNull));
      assumeTrue(cuts, "nothing of this kind can be removed");
      try (OrtProgram program = program(lowered.model())) {
        fixture
            .inputs(program)
            .forEach(
                (input, tensor) ->
                    inputs.put(
                        input,
                        tensor.type().isFloating()
                            ? HostTensor.ofFloats(tensor.dims(), tensor.floats())
                            : tensor));
      }
      HostTensor output = fixture.outputs().get(0);
      float[] values = new float[output.size()];
      Random random = new Random(11);
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextBoolean() ? 1 : -1;
      }
      signs = HostTensor.ofFloats(output.dims(), values);
      samples = (int) inputs.values().iterator().next().dims()[0];
    }

    double loss(HostTensor output) {
      double[] numbers = output.doubles();
      double[] factors = signs.doubles();
      double sum = 0;
      for (int i = 0; i < numbers.length; i++) {
        sum += numbers[i] * factors[i];
      }
      return sum / output.dims()[0];
    }

    void check(Measured measured, ToDoubleFunction<Double> lossOfScale) {
      Value output = lowered.model().graph().outputs().get(0);
      SensitivityGraph graph =
          SensitivityGraph.of(lowered, new Loss.Projection(output, 1), measured);
      GroupSums sums = new GroupSums(graph);
      double[] total = new double[sums.count()];
      try (OrtProgram program = program(graph.model())) {
        Map<String, HostTensor> feed = new LinkedHashMap<>(inputs);
        feed.put(graph.target().name(), signs);
        Map<String, HostTensor> results = program.run(feed);
        List<double[]> outputs =
            graph.terms().stream().map(t -> results.get(t.output().name()).doubles()).toList();
        for (double[] share : sums.of(outputs, samples)) {
          for (int i = 0; i < total.length; i++) {
            total[i] += share[i];
          }
        }
      }
      List<Double> parts = new ArrayList<>();
      List<Scores> blocks = sums.importance(total).blocks();
      for (int i = 0; i < blocks.size(); i++) {
        BlockPlan block = plan.blocks().get(i);
        addRemoved(new double[][] {blocks.get(i).heads()}, rows(block.headsKept()), 1, parts);
        int turned = block.qkKept() == null ? 1 : positionsTogether(i);
        addRemoved(blocks.get(i).qk(), block.qkKept(), turned, parts);
        addRemoved(blocks.get(i).v(), block.vKept(), 1, parts);
        addRemoved(new double[][] {blocks.get(i).neurons()}, rows(block.neuronsKept()), 1, parts);
      }
      assertThat(parts).isNotEmpty();
      double expected = parts.stream().mapToDouble(Double::doubleValue).sum();
      double size = parts.stream().mapToDouble(Math::abs).sum();
      assertThat(size).isPositive();
      double lossSize = Math.max(1, (double) signs.size() / signs.dims()[0]);
      double worst = Double.POSITIVE_INFINITY;
      for (double step : STEPS) {
        double quotient = (4 * quotient(lossOfScale, step / 2) - quotient(lossOfScale, step)) / 3;
        double allowed = CURVATURE * size + ROUNDING * lossSize / step;
        worst = Math.min(worst, Math.abs(expected - quotient) / allowed);
      }
      assertThat(worst).as("part of the tolerance").isLessThanOrEqualTo(1);
    }

    private static double quotient(ToDoubleFunction<Double> lossOfScale, double step) {
      return (lossOfScale.applyAsDouble(1 + step) - lossOfScale.applyAsDouble(1 - step))
          / (2 * step);
    }

    /** Columns that are rotated together have one score, the same for each. */
    private int positionsTogether(int block) {
      PrunableAxis columns = lowered.blocks().get(block).attention().qk();
      return columns.layout().factors().distinct().count() == 1 ? columns.positionsPerUnit() : 1;
    }

    private static @Nullable List<List<Integer>> rows(@Nullable List<Integer> kept) {
      return kept == null ? null : List.of(kept);
    }

    private static void addRemoved(
        double[][] rows, @Nullable List<List<Integer>> kept, int times, List<Double> parts) {
      for (int row = 0; kept != null && row < rows.length; row++) {
        for (int i = 0; i < rows[row].length; i++) {
          if (!kept.get(row).contains(i)) {
            parts.add(rows[row][i] / times);
          }
        }
      }
    }
  }
}
