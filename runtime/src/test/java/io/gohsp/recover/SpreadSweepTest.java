package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.SpreadHere;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Fixture;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.linalg.Matrix;
import io.gohsp.linear.Activation;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.workers.SharedBytes;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Moments and corrections whose samples are added up in parts, here in this process. */
class SpreadSweepTest {
  private static final Model DENSE = Fixture.of("hf_bert_static").model();

  /** 34 batches, of which the last tokens are padding. */
  private static final Calibration HERE = new RecoveryTest.Sentences(9, 68).calibration();

  /** Two parts, whoever has them. */
  private static final class Parts extends SpreadHere {
    private final boolean forgetful;
    private int asked;
    private int shared;

    /**
     * @param forgetful whether the processes lose what they have kept in the middle of the way
     */
    Parts(boolean forgetful) {
      super(HERE, HERE);
      this.forgetful = forgetful;
    }

    @Override
    public SharedBytes share(byte[] bytes) {
      shared++;
      return super.share(bytes);
    }

    @Override
    public List<double[]> added(Sums sums, Calibration of, int parts) {
      assertThat(parts).isEqualTo(2);
      if (forgetful && sums instanceof SweepSums sweep && ++asked == 3) {
        SweepSums.Run run = sweep.run();
        SweepSums.Run other =
            new SweepSums.Run(
                "other", run.dense(), run.changing(), run.layers(), run.batches(), run.batch());
        SweepPart unused = SweepPart.of(other, HERE.like(of.picks()), 0, parts);
      }
      return super.added(sums, of, parts);
    }
  }

  @Test
  void momentsAreThoseOfOneProcessButForRounding() {
    WorkingModel working = WorkingModel.normalized(DENSE);
    Set<Activation> read = SurgeonResiduals.read(working);
    var here = LayerInputs.measure(working.model(), read, HERE);
    var there = LayerInputs.measure(working.model(), read, HERE.spread(new Parts(false)));

    assertThat(here).isNotEmpty();
    here.forEach(
        (activation, own) -> {
          Matrix expected = own.secondMoments(0);
          Matrix found = there.get(activation).secondMoments(0);
          for (int i = 0; i < expected.rows(); i++) {
            for (int j = 0; j < expected.rows(); j++) {
              double size = Math.sqrt(expected.at(i, i) * expected.at(j, j));
              assertThat(found.at(i, j)).isCloseTo(expected.at(i, j), within(1e-6 * size));
            }
          }
        });
  }

  @Test
  void correctionsAreTooAndALostProcessChangesNothing() {
    Model dense = DENSE;
    PruningPlan plan =
        Cuts.halves(WorkingModel.normalized(dense).blocks(), EnumSet.allOf(Cuts.Part.class), 11);
    Model here = Pruning.prune(dense, plan);
    Model there = Pruning.prune(dense, plan);
    Model disturbed = Pruning.prune(dense, plan);

    List<RecoveredLayer> expected = recover(dense, plan, here, HERE);
    Parts parts = new Parts(false);
    List<RecoveredLayer> found = recover(dense, plan, there, HERE.spread(parts));
    recover(dense, plan, disturbed, HERE.spread(new Parts(true)));

    assertThat(expected).hasSize(4).allMatch(RecoveredLayer::isCorrected);
    for (int i = 0; i < expected.size(); i++) {
      double after = expected.get(i).after();
      assertThat(found.get(i).after()).isCloseTo(after, within(1e-3 * after));
    }
    assertThat(parts.shared).as("two models, and no correction behind the last").isEqualTo(2 + 3);
    assertThat(OnnxWriter.toBytes(disturbed)).isEqualTo(OnnxWriter.toBytes(there));
  }

  private static List<RecoveredLayer> recover(
      Model dense, PruningPlan plan, Model pruned, Calibration calibration) {
    return Recovery.of(dense, plan, calibration, RecoverySettings.STANDARD).apply(pruned);
  }
}
