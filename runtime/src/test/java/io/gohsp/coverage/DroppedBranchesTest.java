package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.cost.CostModel;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Drops;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.Levels;
import io.gohsp.ir.Model;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtOptions.Optimization;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A block may lose its attention, its MLP, or both: what is left of the model equals the original
 * with that branch's inputs at zero, on every fixture, alone or beside other cuts. By default one
 * plan for each at one level of optimisation; {@code -DrandomPlans=50} tries so many at all levels.
 */
class DroppedBranchesTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int PLANS = Integer.getInteger("randomPlans", 0);

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
    for (int i = 0; i < Math.max(1, PLANS); i++) {
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
      Model reference = Pruning.mask(model, plan);
      List<Optimization> levels = Levels.of(model);
      for (Optimization level :
          PLANS > 0 ? levels : List.of(levels.get(random.nextInt(levels.size())))) {
        Verdict verdict = compare(model, reference, pruned, level);
        assertThat(verdict.passed())
            .as("%s of %s at %s; %s", verdict.summary(), name, level, plan)
            .isTrue();
      }
      assertThat(CostModel.of(pruned).params()).as(name).isLessThan(CostModel.of(model).params());
      assertThat(RemoveUnused.unused(pruned)).as(name).isSubsetOf(RemoveUnused.unused(model));
    }
  }

  private static Verdict compare(Model model, Model reference, Model pruned, Optimization level) {
    try (OrtProgram masked = OrtProgram.compile(reference, OPTIONS);
        OrtProgram cut = OrtProgram.compile(pruned, OPTIONS.withOptimization(level))) {
      SampleInputs inputs = SampleInputs.find(model, masked, Map.of(), 1);
      return Verifier.compare(
          masked, cut, inputs, 1, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
    }
  }
}
