package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.text.OnnxText;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The pruned model equals the masked original for whatever plan. {@code -DrandomPlans=50} tries
 * more plans for each, {@code -Dfixtures=all} all fixtures; the first three are always of the same
 * kinds: layers of different sizes, a single unit of everything, and one kind of part alone.
 */
class RandomPlansTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int PLANS = Integer.getInteger("randomPlans", 4);
  private static final Set<Part> ALL = EnumSet.allOf(Part.class);
  private static final List<Part> PARTS = List.of(Part.values());
  private static final int SAMPLES = 1;

  @TestFactory
  Stream<DynamicTest> prunedEqualsMasked() {
    return Fixture.sample("RandomPlansTest").stream()
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.name(), () -> check(fixture.name(), fixture.model())));
  }

  /** No exporter writes this, but a user may: the choice of columns differs along the LAST axis. */
  @Test
  void headsInTheLastAxisOfWeights() {
    check(
        "heads last",
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[2,5,8] x) => (float[2,5,8] y)
            <float[8,3,4] wq = random(1, 1), float[8,3,4] wk = random(2, 1),
             float[8,3,4] wv = random(3, 1), float[3,8,4] wo = random(4, 1)> {
              q = Einsum<equation = "bnd,dch->bhnc">(x, wq)
              k = Einsum<equation = "bnd,dch->bhcn">(x, wk)
              v = Einsum<equation = "bnd,dch->bhnc">(x, wv)
              s = MatMul(q, k)
              a = Softmax<axis = -1>(s)
              c = MatMul(a, v)
              o = Einsum<equation = "bhnc,cdh->bnd">(c, wo)
              y = Add(x, o)
            }
            """));
  }

  private static void check(String name, Model model) {
    List<Block> blocks = WorkingModel.normalized(model).blocks();
    assertThat(blocks.isEmpty()).as("has no blocks").isEqualTo(name.startsWith("neg_"));
    for (int i = 0; i < PLANS; i++) {
      PruningPlan plan = plan(blocks, i, new Random(31L * name.hashCode() + i));
      if (!plan.isEmpty()) {
        Verdict verdict = compare(model, plan);
        assertThat(verdict.passed())
            .as("plan %d of %s: %s; %s", i, name, verdict.summary(), plan)
            .isTrue();
      }
    }
  }

  private static PruningPlan plan(List<Block> blocks, int index, Random random) {
    long seed = random.nextLong();
    return switch (index) {
      case 0 -> Cuts.ragged(blocks, ALL, seed);
      case 1 -> Cuts.singles(blocks, ALL, seed);
      case 2 -> Cuts.ragged(blocks, EnumSet.of(PARTS.get(random.nextInt(PARTS.size()))), seed);
      default -> Cuts.ragged(blocks, some(random), seed);
    };
  }

  private static Set<Part> some(Random random) {
    List<Part> some = new ArrayList<>(ALL);
    some.removeIf(part -> random.nextBoolean());
    return some.isEmpty() ? ALL : EnumSet.copyOf(some);
  }

  private static Verdict compare(Model model, PruningPlan plan) {
    Model reference = Pruning.mask(model, plan);
    try (OrtProgram masked = OrtProgram.compile(reference, OPTIONS);
        OrtProgram pruned = OrtProgram.compile(Pruning.prune(model, plan), OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, masked, Map.of(), 1);
      return Verifier.compare(
          masked, pruned, inputs, SAMPLES, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
    }
  }
}
