package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Drops;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.linear.Correctable;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.CutComparison;
import io.gohsp.prune.Pruning;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mean of a branch that is gone stays in its place. */
class LeftConstantTest {
  private static final VitArchitecture SMALL = new VitArchitecture(8, 1, 4, 24, 2, 4, 16, 5);

  private static Model model() {
    Model model = VitBuilder.build(SMALL, 3);
    Random random = new Random(5);
    for (Value value : model.graph().initializers()) {
      if (value.name().matches("blocks.*(qkv|proj|fc.).*")) {
        float[] numbers = Objects.requireNonNull(value.constant()).floats();
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (float) (0.4 * random.nextGaussian());
        }
        set(value, numbers);
      }
    }
    return model;
  }

  private static void set(Value value, float[] numbers) {
    value.setConstant(Tensor.ofFloats(Objects.requireNonNull(value.constant()).dims(), numbers));
  }

  private static Calibration samples(Model model, int batch) {
    Value input = model.graph().inputs().get(0);
    List<Integer> dims = RandomArrays.sampleDims(Objects.requireNonNull(input.type()));
    return RandomArrays.of(input.name(), dims, 32, 0).calibration(batch);
  }

  private static PruningPlan without(Model model, int block, boolean attention, boolean mlp) {
    PruningPlan everything =
        Cuts.halves(WorkingModel.normalized(model).blocks(), EnumSet.noneOf(Cuts.Part.class), 0);
    List<BlockPlan> plans = new ArrayList<>(everything.blocks());
    plans.set(
        block,
        plans.get(block).keeping(attention ? List.of() : null, null, null, mlp ? List.of() : null));
    return everything.with(plans);
  }

  private static double[] answers(Model model) {
    float[] image = new float[2 * 64];
    Random random = new Random(9);
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextGaussian();
    }
    Value input = model.graph().inputs().get(0);
    HostTensor fed = HostTensor.ofFloats(ElementType.FLOAT, new long[] {2, 1, 8, 8}, image);
    try (OrtProgram program = OrtProgram.compile(model, OrtOptions.VERIFY.withThreads(1))) {
      return program.run(Map.of(input.name(), fed)).values().iterator().next().doubles();
    }
  }

  /** Of a branch that says the same whatever it reads, the mean is all there is. */
  @Test
  void isAllOfABranchThatNeverChanges() {
    Model dense = model();
    for (Value value : dense.graph().initializers()) {
      if (value.name().contains("blocks.1.mlp.fc1.weight")) {
        set(value, new float[(int) Objects.requireNonNull(value.constant()).size()]);
      }
    }
    PruningPlan plan = without(dense, 1, false, true);
    Model pruned = Pruning.prune(dense, plan);
    assertThat(CutComparison.of(pruned, dense).otherGraph()).isNotNull();
    double[] expected = answers(dense);
    double[] cut = answers(pruned);
    List<RecoveredLayer> layers =
        Recovery.of(dense, plan, samples(dense, 8), RecoverySettings.STANDARD).apply(pruned);
    assertThat(layers).hasSize(2);
    assertThat(layers.get(1).layer()).isEqualTo("/blocks.1/residual2");
    assertThat(layers.get(1).part()).isEqualTo("mlp");
    assertThat(layers.get(1).isCorrected()).isTrue();
    assertThat(layers.get(1).after()).isLessThan(1e-9);
    assertThat(answers(pruned)).containsExactly(expected, within(1e-5));
    double most =
        IntStream.range(0, cut.length)
            .mapToDouble(i -> Math.abs(cut[i] - expected[i]))
            .max()
            .orElseThrow();
    assertThat(most).isGreaterThan(1e-3);
  }

  /** In all forms: behind a branch that is gone nothing is off on the mean. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_parallel_scaling",
        "timm_vit_parallel_things",
        "timm_swin_legacy_dynbatch",
        "timm_vit_conv_mlp",
        "hf_vit_dynamo__constants"
      })
  void leavesNothingOffOnTheMean(String name) {
    check(Fixture.of(name));
  }

  private static void check(Fixture fixture) {
    Model dense = fixture.model();
    WorkingModel working = WorkingModel.normalized(dense);
    PruningPlan plan =
        Drops.some(
            working,
            Cuts.halves(working.blocks(), EnumSet.noneOf(Cuts.Part.class), 0),
            new Random(1));
    Model pruned = Pruning.prune(dense, plan);
    Model cut = ModelCopy.of(pruned).model();
    Calibration samples = samples(dense, 4);
    List<RecoveredLayer> layers =
        Recovery.of(dense, plan, samples, RecoverySettings.STANDARD).apply(pruned);
    List<String> left =
        layers.stream()
            .filter(RecoveredLayer::isCorrected)
            .map(RecoveredLayer::layer)
            .filter(layer -> ErrorGraph.producer(pruned, layer).is("Add"))
            .toList();
    assertThat(left).isNotEmpty();
    for (String sum : left) {
      double[] mean = mean(working.model(), pruned, sum, samples);
      double[] before = mean(working.model(), cut, sum, samples);
      double was = 0;
      for (double number : before) {
        was = Math.max(was, Math.abs(number));
      }
      assertThat(was).isGreaterThan(0);
      for (double number : mean) {
        assertThat(Math.abs(number)).isLessThan(1e-3 * was + 1e-6);
      }
    }
    assertThat(CutComparison.of(cut, pruned).otherGraph()).isNull();
  }

  /** By channel, with tokens counting as they do in corrections. */
  private static double[] mean(Model dense, Model pruned, String sum, Calibration samples) {
    try (Sweep sweep = Sweep.of(dense, pruned, List.of(sum), samples)) {
      Correctable left = Correctable.of(ErrorGraph.producer(pruned, sum));
      return sweep.errors(left).solve(RecoverySettings.MEAN, true).bias();
    }
  }
}
