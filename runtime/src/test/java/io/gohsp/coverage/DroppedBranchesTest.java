package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.cost.CostModel;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Drops;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A block may lose its attention, its MLP, or both: what is left of the model equals the original
 * with that branch's inputs at zero, on every fixture, alone or beside other cuts. {@code
 * -DrandomPlans=50} tries more.
 */
class DroppedBranchesTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int PLANS = Integer.getInteger("randomPlans", 1);

  @TestFactory
  Stream<DynamicTest> prunedEqualsMasked() {
    return Fixture.sample("DroppedBranchesTest").stream()
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.name(), () -> check(fixture.name(), fixture.model())));
  }

  private static void check(String name, Model model) {
    WorkingModel working = WorkingModel.normalized(model);
    for (int i = 0; i < PLANS; i++) {
      Random random = new Random(17L * name.hashCode() + i);
      boolean alone = (name.hashCode() + i) % 2 == 0;
      PruningPlan rest =
          Cuts.ragged(
              working.blocks(),
              alone ? EnumSet.noneOf(Part.class) : EnumSet.allOf(Part.class),
              random.nextLong());
      PruningPlan plan = Drops.some(working, rest, random);
      if (plan.equals(rest)) {
        return;
      }
      Model pruned = Pruning.prune(model, plan);
      Verdict verdict = compare(model, pruned, plan);
      assertThat(verdict.passed()).as("%s of %s; %s", verdict.summary(), name, plan).isTrue();
      assertThat(CostModel.of(pruned).params()).as(name).isLessThan(CostModel.of(model).params());
      assertThat(RemoveUnused.unused(pruned)).as(name).isSubsetOf(RemoveUnused.unused(model));
    }
  }

  private static Verdict compare(Model model, Model pruned, PruningPlan plan) {
    Model reference = Pruning.mask(model, plan);
    try (OrtProgram masked = OrtProgram.compile(reference, OPTIONS);
        OrtProgram cut = OrtProgram.compile(pruned, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, masked, Map.of(), 1);
      return Verifier.compare(
          masked, cut, inputs, 1, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
    }
  }
}
