package io.gohsp.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.engine.OrtEngine;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.Budget;
import io.gohsp.plan.MagnitudeImportance;
import io.gohsp.plan.PlanSelector;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import io.gohsp.recover.RecoverySettings;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CutDivergenceTest {
  private static final Model MODEL =
      VitBuilder.build(new VitArchitecture(8, 1, 4, 24, 2, 4, 32, 5), 3);

  private static PruningPlan keeping(String part) {
    WorkingModel working = WorkingModel.normalized(MODEL);
    return PlanSelector.select(
        working,
        MagnitudeImportance.of(working),
        SelectionOptions.of(Budget.params(part)),
        Map.of());
  }

  private static CutDivergence divergence(@Nullable RecoverySettings recovery) {
    Value input = MODEL.graph().inputs().get(0);
    Calibration calibration =
        RandomArrays.of(
                input.name(), RandomArrays.sampleDims(Objects.requireNonNull(input.type())), 256, 0)
            .calibration(16);
    return new CutDivergence(
        MODEL,
        calibration,
        recovery,
        16,
        new OrtEngine(OrtOptions.DEFAULT.withThreads(1).withDeterministic(true)));
  }

  @Test
  void nothingCutIsNothingLost() {
    assertThat(divergence(RecoverySettings.STANDARD).applyAsDouble(keeping("1.0"))).isZero();
  }

  @Test
  void moreCutIsMoreLostAndCorrectionHelps() {
    CutDivergence bare = divergence(null);
    CutDivergence corrected = divergence(RecoverySettings.STANDARD);
    double little = corrected.applyAsDouble(keeping("0.8"));
    double much = corrected.applyAsDouble(keeping("0.4"));
    assertThat(little).isPositive().isLessThan(much);
    assertThat(much).isLessThan(bare.applyAsDouble(keeping("0.4")));
    assertThat(corrected.applyAsDouble(keeping("0.4"))).isEqualTo(much);
  }
}
