package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SurgeonResidualsTest {
  private static final VitArchitecture SMALL = new VitArchitecture(8, 1, 4, 24, 2, 4, 16, 5);
  private static final int NEURONS = 16;
  private static final int HEAD = 6;

  /** Rows of 128 samples with 5 tokens: more than any layer has inputs. */
  private static Calibration calibration(Model model, int batch) {
    Value input = model.graph().inputs().get(0);
    return RandomArrays.of(
            input.name(), RandomArrays.sampleDims(Objects.requireNonNull(input.type())), 128, 0)
        .calibration(batch);
  }

  private static Importance measure(Model model) {
    return SurgeonResiduals.measure(
            WorkingModel.normalized(model), calibration(model, 16), new RecoverySettings(1e-6))
        .residual();
  }

  private static float[] numbers(Model model, String name) {
    return Objects.requireNonNull(value(model, name).constant()).floats();
  }

  private static Value value(Model model, String name) {
    return model.graph().initializers().stream()
        .filter(value -> value.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void set(Model model, String name, float[] numbers) {
    Value value = value(model, name);
    value.setConstant(Tensor.ofFloats(Objects.requireNonNull(value.constant()).dims(), numbers));
  }

  private static int lowest(double[] scores) {
    int lowest = 0;
    for (int i = 1; i < scores.length; i++) {
      lowest = scores[i] < scores[lowest] ? i : lowest;
    }
    return lowest;
  }

  @Test
  void aNeuronThatAnotherRepeatsGoesFirstHoweverLargeItIs() {
    Model model = VitBuilder.build(SMALL, 3);
    float[] in = numbers(model, "blocks.0.mlp.fc1.weight"); // [neurons, inputs]
    float[] out = numbers(model, "blocks.0.mlp.fc2.weight"); // [outputs, neurons]
    int width = in.length / NEURONS;
    System.arraycopy(in, 4 * width, in, 9 * width, width);
    for (int o = 0; o < out.length / NEURONS; o++) {
      out[o * NEURONS + 9] *= 20;
    }
    set(model, "blocks.0.mlp.fc1.weight", in);
    set(model, "blocks.0.mlp.fc2.weight", out);

    double[] scores = measure(model).blocks().get(0).neurons();
    double[] norms =
        MagnitudeImportance.of(WorkingModel.normalized(model)).blocks().get(0).neurons();

    assertThat(lowest(scores)).isIn(4, 9);
    assertThat(Arrays.stream(norms).max().orElseThrow()).isEqualTo(norms[9]);
  }

  /** What is not read has no cost at all, and comes in the order of the groups. */
  @Test
  void aValueColumnThatNobodyReadsGoesFirst() {
    Model model = VitBuilder.build(SMALL, 3);
    float[] out = numbers(model, "blocks.1.attn.proj.weight"); // [outputs, heads × columns]
    int inputs = 4 * HEAD;
    for (int o = 0; o < out.length / inputs; o++) {
      out[o * inputs + 2 * HEAD + 5] = 0;
    }
    set(model, "blocks.1.attn.proj.weight", out);

    Scores scores = measure(model).blocks().get(1);

    assertThat(lowest(scores.v()[2])).isEqualTo(5);
    assertThat(scores.v()[2][5]).isZero();
    assertThat(Arrays.stream(scores.v()).flatMapToDouble(Arrays::stream).filter(s -> s == 0))
        .hasSize(1);
  }

  /** A head is worth at least as much as any of its columns: it is all of them. */
  @Test
  void headsAreWorthMoreThanTheirColumns() {
    Scores scores = measure(VitBuilder.build(SMALL, 3)).blocks().get(0);
    int first = lowest(scores.heads());
    assertThat(Arrays.stream(scores.v()[first]).min().orElseThrow())
        .isLessThan(scores.heads()[first]);
  }

  @Test
  void queryKeyColumnsAreNoInputs() {
    Model model = VitBuilder.build(SMALL, 3);
    SurgeonResiduals measured =
        SurgeonResiduals.measure(
            WorkingModel.normalized(model), calibration(model, 16), RecoverySettings.STANDARD);
    assertThat(measured.measured())
        .containsOnly(EnumSet.of(GroupKind.HEADS, GroupKind.V, GroupKind.NEURONS));
  }

  /** What nothing makes up for is what a group carries, so that no residual is above it. */
  @Test
  void noResidualOfTheFirstToGoIsAboveItsEnergy() {
    Model model = VitBuilder.build(SMALL, 3);
    SurgeonResiduals measured =
        SurgeonResiduals.measure(
            WorkingModel.normalized(model), calibration(model, 16), new RecoverySettings(1e-9));
    for (int block = 0; block < 2; block++) {
      double[] residual = measured.residual().blocks().get(block).neurons();
      double[] energy = measured.energy().blocks().get(block).neurons();
      int first = lowest(residual);
      assertThat(residual[first]).isPositive().isLessThan(energy[first]);
    }
  }

  /** Sums are over tokens, so that batches do not matter but for rounding in single precision. */
  @Test
  void batchesDoNotMatter() {
    Model model = VitBuilder.build(SMALL, 3);
    WorkingModel working = WorkingModel.normalized(model);
    RecoverySettings settings = RecoverySettings.STANDARD;
    Importance one = SurgeonResiduals.measure(working, calibration(model, 1), settings).residual();
    Importance many =
        SurgeonResiduals.measure(working, calibration(model, 50), settings).residual();
    for (int i = 0; i < 2; i++) {
      double[] a = one.blocks().get(i).neurons();
      double[] b = many.blocks().get(i).neurons();
      for (int n = 0; n < a.length; n++) {
        assertThat(b[n]).isCloseTo(a[n], withinPercentage(0.1));
      }
    }
  }
}
