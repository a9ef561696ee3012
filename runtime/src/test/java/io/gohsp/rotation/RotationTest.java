package io.gohsp.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisChange;
import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.linear.Activation;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.recover.LayerInputs;
import io.gohsp.recover.SurgeonResiduals;
import io.gohsp.selection.Importance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.Share;
import io.gohsp.tensor.Tensor;
import io.gohsp.verify.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {
  private static final VitArchitecture SMALL = new VitArchitecture(8, 1, 4, 24, 2, 4, 16, 5);

  private static Calibration calibration(Model model, int samples) {
    Value input = model.graph().inputs().get(0);
    return RandomArrays.of(
            input.name(), RandomArrays.sampleDims(Objects.requireNonNull(input.type())), samples, 0)
        .calibration(2);
  }

  private static List<@Nullable Basis> bases(Model model, int samples) {
    return Rotation.measure(WorkingModel.normalized(model), calibration(model, samples)).bases();
  }

  /** So many columns of each head, the first ones: a basis has the best columns first. */
  private static PruningPlan first(Model model, List<@Nullable Basis> bases, String qk, String v) {
    WorkingModel working = WorkingModel.normalized(model);
    Importance byPlace = Importance.constant(working.blocks(), 1);
    PruningPlan plan =
        PlanSelector.select(
            working,
            byPlace,
            SelectionOptions.of(null, Share.parse("qk", qk), Share.parse("v", v), null),
            Map.of());
    return plan.in(bases);
  }

  /** Of every head all but the first columns become sums of these. */
  private static void repeatColumns(Model model, int block, int part, int independent) {
    Value value =
        model.graph().initializers().stream()
            .filter(v -> v.name().equals("blocks." + block + ".attn.qkv.weight"))
            .findFirst()
            .orElseThrow();
    Tensor constant = Objects.requireNonNull(value.constant());
    float[] weights = constant.floats(); // [3 · heads · columns, inputs]
    int width = SMALL.dim();
    int columns = SMALL.dim() / SMALL.heads();
    for (int head = 0; head < SMALL.heads(); head++) {
      int from = (part * SMALL.dim() + head * columns) * width;
      for (int column = independent; column < columns; column++) {
        for (int i = 0; i < width; i++) {
          weights[from + column * width + i] =
              (column - 1) * weights[from + i] - column * weights[from + width + i];
        }
      }
    }
    value.setConstant(Tensor.ofFloats(constant.dims(), weights));
  }

  /** Keys and values of two dimensions need two columns, whichever columns hold them. */
  @Test
  void columnsThatRepeatOthersGoForNothing() {
    Model model = VitBuilder.build(SMALL, 3);
    for (int block = 0; block < 2; block++) {
      repeatColumns(model, block, 1, 2);
      repeatColumns(model, block, 2, 2);
    }
    PruningPlan plan = first(model, bases(model, 16), "2", "2");
    assertThat(plan.changesBasis()).isTrue();
    Model pruned = Pruning.prune(model, plan);

    Verdict toOriginal = Verification.STANDARD.compare(model, plan, Verdict.Mode.PLAIN, pruned);
    PruningPlan asExported = plan.inOwnBasis();
    Verdict otherwise =
        Verification.STANDARD.compare(
            model, asExported, Verdict.Mode.PLAIN, Pruning.prune(model, asExported));

    // Half precision, in which plans hold a basis, lets a thousandth of what goes come in.
    assertThat(toOriginal.maxRelError()).isLessThan(5e-3);
    assertThat(otherwise.maxRelError()).isGreaterThan(0.1);
  }

  /** At full width, and where columns go, through every form that attention is written in. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_fused_dynbatch",
        "hf_vit_sdpa_legacy_dynbatch",
        "hf_vit__ms_mha",
        "hf_vit__onnx_attention23_3d",
        "timm_vit__fused_vit",
        "timm_vit__fp16_keepio",
        "rep_mergedbatch",
        "rep_mqa",
        "keras_vit_legacy",
        "rep_einsum"
      })
  void rotatedAndCutIsRotatedAndMasked(String name) {
    Model model = Fixture.of(name).model();
    List<@Nullable Basis> bases = bases(model, 8);
    assertThat(bases).anyMatch(Objects::nonNull);
    PruningPlan plan = first(model, bases, "50%", "50%");
    assertThat(plan.changesBasis()).isTrue();

    Verdict verdict =
        Verification.STANDARD.compare(model, plan, Verdict.Mode.MASKED, Pruning.prune(model, plan));

    assertThat(verdict.passed()).as(verdict.summary()).isTrue();
  }

  /** What was measured before, said in the new bases, is what is measured in them. */
  @Test
  void inputsAreThoseOfTheRotatedModel() {
    Model model = VitBuilder.build(SMALL, 3);
    Calibration calibration = calibration(model, 16);
    Rotation rotation = Rotation.measure(WorkingModel.normalized(model), calibration);
    WorkingModel rotated = WorkingModel.normalized(BasisChange.apply(model, rotation.bases()));

    Map<Activation, LayerInputs> expected =
        LayerInputs.measure(rotated.model(), SurgeonResiduals.read(rotated), calibration);

    assertThat(expected).hasSize(4);
    expected.forEach(
        (read, inputs) -> {
          double[] moments = inputs.secondMoments(0).values();
          double largest = Arrays.stream(moments).max().orElseThrow();
          LayerInputs said = Objects.requireNonNull(rotation.inputs().get(read.value().name()));
          assertThat(said.secondMoments(0).values())
              .containsExactly(moments, within(1e-5 * largest));
        });
  }

  @Test
  void isTheSameEveryTime() {
    Model model = VitBuilder.build(SMALL, 3);
    assertThat(bases(model, 16)).isEqualTo(bases(model, 16));
    assertThat(bases(model, 16))
        .allMatch(basis -> basis != null && basis.qk() != null && basis.v() != null);
  }
}
