package io.gohsp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.calibration.SalienceImportance;
import io.gohsp.calibration.TaylorImportance;
import io.gohsp.fixture.Fixture;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.Measured;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.Share;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MethodsTest {
  private static final SelectionOptions SHARES =
      SelectionOptions.of(
          Share.parse("heads", "2"),
          Share.parse("qk", "75%"),
          Share.parse("v", "50%"),
          Share.parse("neurons", "50%"));

  private final Model model = Fixture.of("timm_vit_legacy_op17_fused_dynbatch").model();
  private final WorkingModel working = WorkingModel.normalized(model);
  private final Calibration calibration = calibration(working);

  private static Calibration calibration(WorkingModel working) {
    Value input = working.model().graph().inputs().get(0);
    return RandomArrays.of(input.name(), RandomArrays.sampleDims(input.type()), 8, 10)
        .calibration(4);
  }

  private PruningPlan plan(TrainedMethod method) {
    Evidence evidence =
        new Evidence(
            model,
            working,
            calibration,
            true,
            phase -> {},
            () -> Importance.constant(List.of(), 0));
    TrainedMethod.Findings findings = method.study(evidence);
    assertThat(findings.heads()).isEmpty();
    PruningPlan plan = findings.planner().plan(SHARES);
    assertThat(plan.provenance()).isEqualTo(java.util.Map.of("method", method.name()));
    return plan;
  }

  private static List<Integer> best(double[] scores, int count) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted((a, b) -> Double.compare(scores[b], scores[a]))
        .limit(count)
        .sorted()
        .toList();
  }

  private static void assertBest(PruningPlan plan, Importance importance) {
    for (int i = 0; i < plan.blocks().size(); i++) {
      BlockPlan block = plan.blocks().get(i);
      Scores scores = importance.blocks().get(i);
      assertThat(block.headsKept()).isEqualTo(best(scores.heads(), 2));
      assertThat(block.neuronsKept())
          .isEqualTo(best(scores.neurons(), scores.neurons().length / 2));
      for (int row = 0; row < 2; row++) {
        int head = block.headsKept().get(row);
        assertBest(block.vKept().get(row), scores.v()[head]);
        assertBest(block.qkKept().get(row), scores.qk()[head]);
      }
    }
  }

  private static void assertBest(List<Integer> kept, double[] scores) {
    assertThat(kept).hasSizeLessThan(scores.length).isEqualTo(best(scores, kept.size()));
  }

  private Importance salience() {
    return SalienceImportance.measure(working, CalibrationLoss.of(working, true), calibration);
  }

  /** METHOD.md section 7: heads by salience, neurons by l1 norms; sparse training starts there. */
  @ParameterizedTest
  @ValueSource(strings = {"ssp", "s2vite"})
  void salience(String method) {
    assertBest(plan(Methods.trained(method, 0)), salience());
  }

  @Test
  void magnitude() {
    assertBest(plan(Methods.trained("sgmp", 0)), MagnitudeImportance.of(working));
    assertThat(plan(Methods.trained("sgmp", 0)).blocks())
        .isEqualTo(plan(Methods.trained("somp", 0)).blocks());
  }

  @Test
  void taylor() {
    assertBest(
        plan(Methods.trained("taylor", 0)),
        TaylorImportance.measure(
            working, CalibrationLoss.of(working, true), Measured.WEIGHTS, calibration));
  }

  @Test
  void shares() {
    assertThat(Methods.TRAINED)
        .extracting(TrainedMethod::name)
        .containsExactly("sgmp", "taylor", "ssp", "s2vite");
    assertThat(Methods.TRAINED)
        .extracting(TrainedMethod::share)
        .containsExactly(0.5, 0.5, 0.0, 0.8);
    assertThat(Methods.TRAINED)
        .extracting(TrainedMethod::isGradual)
        .containsExactly(true, true, false, true);
    assertThat(Methods.TRAINED).extracting(TrainedMethod::description).doesNotHaveDuplicates();
  }

  /** What a run is told apart by must not change from one Java process to the next. */
  @ParameterizedTest
  @ValueSource(strings = {"somp", "random", "sgmp", "taylor", "ssp", "s2vite"})
  void textIsTheSameInEveryProcess(String method) {
    assertThat(Methods.trained(method, 3).toString()).doesNotContain("@");
    assertThat(Methods.trained(method, 3)).isEqualTo(Methods.trained(method, 3));
  }

  @Test
  void unknownNamesAreRefused() {
    assertThatThrownBy(() -> Methods.trained("magic", 0))
        .isInstanceOf(InvalidOption.class)
        .hasMessage(
            "there is no method \"magic\"; choose one of gohsp, sgmp, taylor, ssp, s2vite, somp,"
                + " random, zeros");
  }
}
