package io.gohsp.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.autodiff.Loss;
import io.gohsp.axis.AxisLayout;
import io.gohsp.cost.Weights;
import io.gohsp.data.DataException;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Fixture;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.Measured;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scores over calibration samples. */
class ImportanceTest {
  private static final String VIT = "timm_vit_legacy_op17_fused_dynbatch";
  private static final int CLASSES = 10;

  /** FLOAT kernels may add up in another order for another batch; relative to the largest. */
  private static final double ROUNDING = 1e-4;

  private static WorkingModel model(String fixture) {
    return WorkingModel.normalized(Fixture.of(fixture).model());
  }

  private static RandomArrays data(WorkingModel working, int size, int classes) {
    Value input = working.model().graph().inputs().get(0);
    return RandomArrays.of(input.name(), RandomArrays.sampleDims(input.type()), size, classes);
  }

  private static Importance taylor(
      WorkingModel working, Measured measured, Calibration calibration, boolean labelled) {
    return TaylorImportance.measure(
        working, CalibrationLoss.of(working, labelled), measured, calibration);
  }

  private static double[] flat(Importance importance) {
    return importance.blocks().stream()
        .flatMap(scores -> Arrays.stream(GroupKind.values()).map(scores::of))
        .flatMapToDouble(rows -> Arrays.stream(rows).flatMapToDouble(Arrays::stream))
        .toArray();
  }

  private static void assertClose(Importance actual, Importance expected) {
    double[] numbers = flat(expected);
    double largest = Arrays.stream(numbers).max().orElseThrow();
    assertThat(largest).isPositive();
    assertThat(flat(actual)).containsExactly(numbers, within(ROUNDING * largest));
  }

  /** With labels, with labels the model draws itself, and over all kinds of salience. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void divisionIntoBatchesDoesNotMatter(boolean labelled) {
    WorkingModel working = model(VIT);
    RandomArrays data = data(working, 7, CLASSES);
    Loss loss = CalibrationLoss.of(working, labelled);
    Importance whole = taylor(working, Measured.GATES, data.calibration(7), labelled);
    Importance salience = SalienceImportance.measure(working, loss, data.calibration(7));
    for (int batch : new int[] {1, 3}) {
      assertClose(taylor(working, Measured.GATES, data.calibration(batch), labelled), whole);
      assertClose(SalienceImportance.measure(working, loss, data.calibration(batch)), salience);
    }
  }

  /**
   * Shards that others add up: with labels, and with those that the model draws, sample by sample.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoeverSeesTheSamples(boolean labelled) {
    WorkingModel working = model(VIT);
    Calibration here = data(working, 130, CLASSES).calibration(4);
    SpreadHere others = new SpreadHere(here, here);
    Calibration there = here.spread(others);
    Loss loss = CalibrationLoss.of(working, labelled);
    assertClose(
        taylor(working, Measured.GATES, there, labelled),
        taylor(working, Measured.GATES, here, labelled));
    assertClose(
        SalienceImportance.measure(working, loss, there),
        SalienceImportance.measure(working, loss, here));
    assertClose(
        taylor(working, Measured.WEIGHTS, there, labelled),
        taylor(working, Measured.WEIGHTS, here, labelled));
    assertThat(others.parts()).isEqualTo(6);
  }

  /** Whose rows beyond the samples have no part in the scores. */
  @Test
  void batchThatIsBuiltIn() {
    WorkingModel open = model(VIT);
    Model fixed = Fixture.of(VIT).model();
    Value input = fixed.graph().inputs().get(0);
    var type = (TensorType) input.type();
    input.setType(
        TensorType.of(
            type.element(),
            4,
            type.shape().get(1).value(),
            type.shape().get(2).value(),
            type.shape().get(3).value()));
    fixed.graph().outputs().get(0).setType(null);
    WorkingModel four = WorkingModel.normalized(fixed);
    RandomArrays data = data(open, 6, CLASSES);
    assertClose(
        taylor(four, Measured.GATES, data.calibration(99), true),
        taylor(open, Measured.GATES, data.calibration(6), true));
    // weights: the four samples that fill a batch
    assertClose(
        taylor(four, Measured.WEIGHTS, data.calibration(99), true),
        taylor(
            open,
            Measured.WEIGHTS,
            data.calibration(4, all -> all.subset(new int[] {0, 1, 2, 3})),
            true));
    // whoever sees them: of 66 samples the last two fill neither a batch nor a shard
    Calibration here = data(open, 66, CLASSES).calibration(99);
    assertClose(
        taylor(four, Measured.WEIGHTS, here.spread(new SpreadHere(here, here)), true),
        taylor(four, Measured.WEIGHTS, here, true));
  }

  /** One sample: the gate's square is what two batches of one average, and so are the weights'. */
  @ParameterizedTest
  @EnumSource(Measured.class)
  void meanOverSamplesOrBatches(Measured measured) {
    WorkingModel working = model(VIT);
    RandomArrays data = data(working, 2, CLASSES);
    double[] first =
        flat(taylor(working, measured, data.calibration(1, d -> d.subset(new int[] {0})), true));
    double[] second =
        flat(taylor(working, measured, data.calibration(1, d -> d.subset(new int[] {1})), true));
    double[] both = flat(taylor(working, measured, data.calibration(1), true));
    double largest = Arrays.stream(both).max().orElseThrow();
    for (int i = 0; i < both.length; i++) {
      assertThat(both[i]).isCloseTo((first[i] + second[i]) / 2, within(ROUNDING * largest));
    }
  }

  @ParameterizedTest
  @EnumSource(Measured.class)
  void whatIsZeroScoresZero(Measured measured) {
    WorkingModel working = model(VIT);
    PruningPlan plan = Cuts.halves(working.blocks(), Set.of(Cuts.Part.values()), 3);
    erase(working, plan);
    WorkingModel erased = WorkingModel.normalized(working.model());
    RandomArrays data = data(erased, 4, CLASSES);
    Loss loss = CalibrationLoss.of(erased, true);
    for (Importance importance :
        List.of(
            TaylorImportance.measure(erased, loss, measured, data.calibration(2)),
            SalienceImportance.measure(erased, loss, data.calibration(2)))) {
      for (int b = 0; b < plan.blocks().size(); b++) {
        BlockPlan kept = plan.blocks().get(b);
        Scores scores = importance.blocks().get(b);
        for (int i = 0; i < scores.neurons().length; i++) {
          assertScore(scores.neurons()[i], kept.neuronsKept().contains(i));
        }
        for (int h = 0; h < scores.heads().length; h++) {
          int row = kept.headsKept().indexOf(h);
          assertScore(scores.heads()[h], row >= 0);
          for (int i = 0; i < scores.v()[h].length; i++) {
            assertScore(scores.v()[h][i], row >= 0 && kept.vKept().get(row).contains(i));
            assertScore(scores.qk()[h][i], row >= 0 && kept.qkKept().get(row).contains(i));
          }
        }
      }
    }
  }

  private static void assertScore(double score, boolean kept) {
    if (kept) {
      assertThat(score).isPositive();
    } else {
      assertThat(score).isZero();
    }
  }

  /** Sets all weights that the plan would remove to zero. */
  private static void erase(WorkingModel working, PruningPlan plan) {
    Keeps keeps = PlanResolver.resolve(plan, working.blocks(), Location.UNKNOWN);
    Weights.of(working.model())
        .forEach(
            weight -> {
              List<AxisLayout> axes = working.analysis().layout(weight.value());
              if (axes == null || axes.stream().noneMatch(keeps::touches)) {
                return;
              }
              Keeps.Mask mask = keeps.mask(axes);
              float[] numbers = weight.tensor().floats();
              long[] dims = weight.tensor().dims();
              for (int i = 0; i < numbers.length; i++) {
                int rest = i;
                int at = 0;
                int stride = 1;
                for (int axis = dims.length - 1; axis >= 0; axis--) {
                  int position = (int) (rest % dims[axis]);
                  rest /= (int) dims[axis];
                  at += mask.dims()[axis] == 1 ? 0 : position * stride;
                  stride *= (int) mask.dims()[axis];
                }
                numbers[i] *= mask.values()[at];
              }
              weight.value().setConstant(Tensor.ofFloats(dims, numbers));
            });
  }

  @ParameterizedTest
  @EnumSource(Measured.class)
  void permutedHeadsPermuteScores(Measured measured) {
    WorkingModel working = model("rep_hf4_dynbatch");
    RandomArrays data = data(working, 3, CLASSES);
    Importance before = taylor(working, measured, data.calibration(3), true);
    int[] order = {2, 0, 3, 1};
    var heads = working.blocks().get(0).attention().heads().factor();
    Weights.of(working.model())
        .forEach(
            weight -> {
              List<AxisLayout> axes = working.analysis().layout(weight.value());
              for (int axis = 0; axes != null && axis < axes.size(); axis++) {
                if (axes.get(axis).factors().findFirst().filter(f -> f == heads).isPresent()) {
                  weight.value().setConstant(permuted(weight.tensor(), axis, order));
                }
              }
            });
    Importance after =
        taylor(WorkingModel.normalized(working.model()), measured, data.calibration(3), true);
    double[] expected =
        IntStream.of(order).mapToDouble(head -> before.blocks().get(0).heads()[head]).toArray();
    assertThat(after.blocks().get(0).heads())
        .containsExactly(expected, within(ROUNDING * Arrays.stream(expected).max().orElseThrow()));
    assertThat(expected[0]).isNotCloseTo(expected[1], within(1e-3 * expected[1]));
    for (int h = 0; h < order.length; h++) {
      double[] was = before.blocks().get(0).v()[order[h]];
      assertThat(after.blocks().get(0).v()[h])
          .containsExactly(was, within(ROUNDING * Arrays.stream(was).max().orElseThrow()));
    }
  }

  /** Position h of an axis of heads (times columns) becomes position order[h] of before. */
  private static Tensor permuted(Tensor tensor, int axis, int[] order) {
    float[] from = tensor.floats();
    float[] to = new float[from.length];
    int inner = 1;
    for (int i = axis + 1; i < tensor.rank(); i++) {
      inner *= (int) tensor.dim(i);
    }
    int extent = (int) tensor.dim(axis);
    int width = extent / order.length;
    for (int i = 0; i < to.length; i++) {
      int position = i / inner % extent;
      int source = order[position / width] * width + position % width;
      to[i] = from[i + (source - position) * inner];
    }
    return Tensor.ofFloats(tensor.dims(), to);
  }

  @Test
  void salienceIsNormalisedByLayerAndTakesNormsOfNeurons() {
    WorkingModel working = model(VIT);
    Importance salience =
        SalienceImportance.measure(
            working, CalibrationLoss.of(working, true), data(working, 3, CLASSES).calibration(3));
    for (Scores scores : salience.blocks()) {
      assertThat(Arrays.stream(scores.heads()).map(x -> x * x).sum()).isCloseTo(1, within(1e-9));
    }
    float[] in = constant(working, "blocks.0.mlp.fc1", 24, 42);
    float[] out = constant(working, "blocks.0.mlp.fc2", 42, 24);
    double[] norms = new double[42];
    for (int i = 0; i < in.length; i++) {
      norms[i % 42] += Math.abs(in[i]);
      norms[i / 24] += Math.abs(out[i]);
    }
    assertThat(salience.blocks().get(0).neurons()).containsExactly(norms, within(1e-6));
  }

  /** The matrix of these extents that a node of that name reads. */
  private static float[] constant(WorkingModel working, String node, long rows, long columns) {
    return working.model().graph().nodes().stream()
        .filter(n -> n.name().replace('/', '.').contains(node))
        .flatMap(n -> n.presentInputs())
        .filter(v -> v.constant() != null)
        .filter(v -> Arrays.equals(v.constant().dims(), new long[] {rows, columns}))
        .findFirst()
        .orElseThrow()
        .constant()
        .floats();
  }

  @Test
  void withoutClassesTheOutputIsProjected() {
    WorkingModel working = model("nn_encoder_prenorm_legacy");
    assertThat(CalibrationLoss.of(working, true)).isInstanceOf(Loss.Projection.class);
    double[] scores =
        flat(taylor(working, Measured.GATES, data(working, 4, 0).calibration(2), false));
    assertThat(Arrays.stream(scores).max().orElseThrow()).isPositive();
  }

  @Test
  void labelsThatTheModelDoesNotKnow() {
    WorkingModel working = model(VIT);
    Calibration calibration = data(working, 12, 12).calibration(12);
    assertThatThrownBy(() -> taylor(working, Measured.GATES, calibration, true))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a sample is of class 10, the model knows 10");
  }

  @Test
  void sameSeedSameScores() {
    WorkingModel working = model(VIT);
    RandomArrays data = data(working, 5, 0);
    Importance first = taylor(working, Measured.WEIGHTS, data.calibration(2), false);
    assertThat(taylor(working, Measured.WEIGHTS, data.calibration(2), false)).isEqualTo(first);
    Calibration other =
        new Calibration(data.calibration(2).samples(), 2, data.calibration(2).options(), 8);
    assertThat(taylor(working, Measured.WEIGHTS, other, false)).isNotEqualTo(first);
  }
}
