package io.gohsp.soft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.TaylorImportance;
import io.gohsp.data.Augmentation;
import io.gohsp.data.Preparation;
import io.gohsp.engine.FlatVector;
import io.gohsp.fixture.Cuts;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.Measured;
import io.gohsp.ir.Location;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.train.ParameterStore;
import io.gohsp.train.StepReport;
import io.gohsp.train.StepRule;
import io.gohsp.train.TrainingListener;
import io.gohsp.train.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** METHOD.md section 8, invariant 7: Taylor scores, from the gradients of the training. */
class GradientSharesTest {
  private final WorkingModel working = WorkingModel.normalized(Digits.sharp());

  /** What is read of the one batch of a training. */
  private Importance shares(DoubleUnaryOperator function) {
    List<Importance> seen = new ArrayList<>();
    Digits.train(
        Digits.sharp(),
        1,
        store -> {
          PlanMask mask = new PlanMask(working, store);
          GradientShares shares =
              new GradientShares(working, store, mask, constant -> true, function);
          return new StepRule() {
            @Override
            public void beforeUpdate(long step) {
              shares.note();
              seen.add(shares.take());
              assertThat(shares.take())
                  .as("taken twice")
                  .isEqualTo(Importance.constant(working.blocks(), 0));
            }

            @Override
            public void afterUpdate(long step, double rate) {}
          };
        },
        TrainingListener.NONE);
    assertThat(seen).hasSize(1);
    return seen.get(0);
  }

  private static double[] flat(Importance importance, GroupKind kind) {
    return importance.blocks().stream()
        .flatMap(scores -> Arrays.stream(scores.of(kind)))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  @Test
  void equalWhatCalibrationMeasuresOnTheSameBatch() {
    Calibration calibration =
        new Calibration(
            inputs ->
                Preparation.STANDARD.samples(
                    Digits.dataset(Digits.BATCH), inputs, Augmentation.NONE),
            Digits.BATCH,
            OrtOptions.VERIFY.withThreads(1),
            0);
    Importance measured =
        TaylorImportance.measure(
            working, CalibrationLoss.of(working, true), Measured.WEIGHTS, calibration);
    Importance trained = shares(share -> share * share);
    for (GroupKind kind : GroupKind.values()) {
      double[] expected = flat(measured, kind);
      double largest = Arrays.stream(expected).max().orElseThrow();
      assertThat(largest).isPositive();
      assertThat(flat(trained, kind))
          .as("%s", kind)
          .containsExactly(expected, within(1e-3 * largest));
    }
  }

  /** Half of the groups of a kind, scaled by 1 - ε and 1 + ε. */
  @ParameterizedTest
  @EnumSource(Cuts.Part.class)
  void equalTheFiniteDifferenceOfTheLoss(Cuts.Part part) {
    PruningPlan plan = Cuts.halves(working.blocks(), Set.of(part), 5);
    Importance shares = shares(share -> share);
    double expected = 0;
    for (int i = 0; i < plan.blocks().size(); i++) {
      BlockPlan block = plan.blocks().get(i);
      Scores scores = shares.blocks().get(i);
      expected +=
          switch (part) {
            case HEADS -> removed(new double[][] {scores.heads()}, rows(block.headsKept()));
            case QK -> removed(scores.qk(), block.qkKept());
            case V -> removed(scores.v(), block.vKept());
            case NEURONS -> removed(new double[][] {scores.neurons()}, rows(block.neuronsKept()));
          };
    }
    double epsilon = 0.02;
    double quotient = (loss(plan, 1 + epsilon) - loss(plan, 1 - epsilon)) / (2 * epsilon);
    // Curvature, and the rounding of a FLOAT loss of about two.
    assertThat(quotient).isCloseTo(expected, within(0.01 * Math.abs(expected) + 3e-5));
    assertThat(Math.abs(expected)).isGreaterThan(1e-4);
  }

  private static List<List<Integer>> rows(@Nullable List<Integer> kept) {
    return List.of(java.util.Objects.requireNonNull(kept));
  }

  private static double removed(double[][] rows, @Nullable List<List<Integer>> kept) {
    double sum = 0;
    for (int row = 0; kept != null && row < rows.length; row++) {
      for (int i = 0; i < rows[row].length; i++) {
        sum += kept.get(row).contains(i) ? 0 : rows[row][i];
      }
    }
    return sum;
  }

  /** With what the plan removes scaled, before any update. */
  private double loss(PruningPlan plan, double scale) {
    double[] loss = {Double.NaN};
    Consumer<ParameterStore> scaling =
        store -> {
          FlatVector gone = store.vector();
          new PlanMask(working, store)
              .write(PlanResolver.resolve(plan, working.blocks(), Location.UNKNOWN), gone);
          gone.array().muli(store.weights().array());
          Vectors.add(store.weights(), scale - 1, gone);
        };
    Digits.train(
        Digits.sharp(),
        1,
        store -> {
          scaling.accept(store);
          return StepRule.NONE;
        },
        new TrainingListener() {
          @Override
          public void step(StepReport report) {
            loss[0] = report.loss();
          }
        });
    return loss[0];
  }
}
