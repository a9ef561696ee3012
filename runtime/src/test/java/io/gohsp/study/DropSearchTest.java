package io.gohsp.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException.NothingToPrune;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Amount;
import io.gohsp.selection.Budget;
import io.gohsp.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropSearchTest {
  private static final Evaluation DENSE = new Evaluation(0.5, 0.8, 1000);

  private final List<String> told = new ArrayList<>();

  /** With plans that say nothing but their share, and none below a tenth. */
  private PruningPlan search(String points, DoubleUnaryOperator accuracy) {
    return new DropSearch(
            MaxDrop.parse("--max-drop", points, MaxDrop.Smallest.PARAMS),
            DENSE,
            budget -> plan(budget),
            plan -> new Evaluation(0.5, accuracy.applyAsDouble(share(plan)), 1000),
            told::add)
        .run();
  }

  private static PruningPlan plan(Budget budget) {
    String share = ((Amount.Fraction) ((Budget.Limit) budget).amount()).part().toPlainString();
    if (Double.parseDouble(share) < 0.1) {
      throw new NothingToPrune(Location.UNKNOWN, "a tenth is the least", "keep more", 10);
    }
    return new PruningPlan(List.of(), Map.of("share", share));
  }

  private static double share(PruningPlan plan) {
    return Double.parseDouble(plan.provenance().get("share"));
  }

  /** Accuracy falls from 0.8 in a straight line, so it is known where the bound lies. */
  @ParameterizedTest
  @ValueSource(doubles = {1.2, 2.5, 20, 69})
  void findsTheSmallestThatFits(double points) {
    PruningPlan found = search(Double.toString(points), share -> 0.8 - 0.7 * (1 - share));

    double bound = Math.max(0.1, 1 - points / 70);
    assertThat(share(found)).isBetween(bound, bound + 1 / 64.0);
    assertThat(found.provenance()).containsEntry(MaxDrop.ALLOWED, trimmed(points));
    assertThat(told).contains("trying 50% parameters").hasSizeLessThanOrEqualTo(12);
  }

  private static String trimmed(double points) {
    return points == Math.rint(points) ? Long.toString((long) points) : Double.toString(points);
  }

  /** Whatever noise does, what is returned was measured to fit. */
  @Test
  void neverReturnsWhatLosesMore() {
    DoubleUnaryOperator noisy = share -> 0.8 - 0.02 * Math.abs(Math.sin(40 * share));
    for (String points : List.of("0.5", "1", "1.5")) {
      PruningPlan found = search(points, noisy);
      assertThat(80 - 100 * noisy.applyAsDouble(share(found)))
          .isLessThanOrEqualTo(Double.parseDouble(points));
    }
  }

  /** 100 (0.9833 - 0.9733) is more than 1 in floating point. */
  @Test
  void whatIsLostToTheLastPointIsNotTooMuch() {
    PruningPlan plan = new PruningPlan(List.of(), Map.of(MaxDrop.ALLOWED, "1"));
    Evaluation before = new Evaluation(0.5, 0.9833, 10_000);
    LostAccuracy lost = LostAccuracy.of(plan, before, new Evaluation(0.5, 0.9733, 10_000));
    assertThat(lost.exceeded()).isFalse();
    assertThat(LostAccuracy.of(plan, before, new Evaluation(0.5, 0.9732, 10_000)).exceeded())
        .isTrue();
    assertThat(LostAccuracy.of(new PruningPlan(List.of(), Map.of()), before, before)).isNull();
  }

  @Test
  void saysThatNothingFits() {
    assertThatThrownBy(() -> search("1", share -> 0.7))
        .isInstanceOf(NothingToPrune.class)
        .hasMessageContaining(
            "nothing can be removed for 1 point of accuracy; tried last: 98.4375%")
        .hasMessageContaining("10.00 points lost");
  }

  @Test
  void refusesModelsWithoutAccuracy() {
    assertThatThrownBy(
            () ->
                new DropSearch(
                    MaxDrop.parse("--max-drop", "1", MaxDrop.Smallest.MACS),
                    new Evaluation(0.1, Double.NaN, 10),
                    budget -> new PruningPlan(List.of(), Map.of()),
                    plan -> DENSE,
                    told::add))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("no output of the model is one of class scores");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1%", "100", "1e1", "one"})
  void refusesWhatIsNoNumberOfPoints(String text) {
    assertThatThrownBy(() -> MaxDrop.parse("--max-drop", text, MaxDrop.Smallest.PARAMS))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("is no number of percentage points");
  }
}
