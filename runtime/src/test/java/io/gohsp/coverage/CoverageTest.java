package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.Levels;
import io.gohsp.golden.GoldenFile;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtOptions.Optimization;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.CutComparison;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.Budget;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.verify.Expected;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every fixture: its blocks are recognised, the parts that mask.json names are removed and
 * PyTorch's answer comes out, everything prunable is cut by half and the masked original's answer
 * comes out. Writes docs/COVERAGE.md.
 */
class CoverageTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final Set<Part> ALL = EnumSet.allOf(Part.class);
  private static final long SEED = 20;

  /** Share of the parameters that a plan by magnitude keeps. */
  private static final String KEPT = "0.7";

  private final CoverageReport report = new CoverageReport();

  @TestFactory
  Stream<DynamicTest> everyFixture() {
    List<Fixture> fixtures = Fixture.all();
    return Stream.concat(
        fixtures.stream().map(f -> DynamicTest.dynamicTest(f.name(), () -> report.add(check(f)))),
        Stream.of(
            DynamicTest.dynamicTest(
                "docs/COVERAGE.md",
                () -> {
                  assertThat(report.size()).as("all of them checked").isEqualTo(fixtures.size());
                  GoldenFile.check("docs/COVERAGE.md", report.markdown());
                })));
  }

  private static CoverageReport.Row check(Fixture fixture) {
    Model model = fixture.model();
    WorkingModel working = WorkingModel.normalized(model);
    assertThat(Shape.of(working.blocks())).isEqualTo(Expectations.shape(fixture));
    try (OrtProgram whole = OrtProgram.compile(model, OPTIONS)) {
      return check(fixture, model, working, whole);
    }
  }

  private static CoverageReport.Row check(
      Fixture fixture, Model model, WorkingModel working, OrtProgram whole) {
    List<Block> blocks = working.blocks();
    Double oracle = oracle(fixture, model, blocks, whole);
    PruningPlan halves = Cuts.halves(blocks, ALL, SEED);
    Cost before = CostModel.of(model);
    if (halves.isEmpty()) {
      return new CoverageReport.Row(fixture, model, working, oracle, null, null, before, before);
    }
    Model pruned = Pruning.prune(model, halves);
    byte[] bytes = OnnxWriter.toBytes(pruned);
    if (Expectations.shrinksFile(fixture)) {
      assertThat(bytes.length).as("size of the file").isLessThan(OnnxWriter.toBytes(model).length);
    }
    CutComparison again = CutComparison.of(Pruning.prune(model, halves), read(bytes));
    assertThat(again.isSame())
        .as("%s %s %s", again.otherGraph(), again.otherAttribute(), again.otherConstants())
        .isTrue();
    List<Optimization> levels = Levels.of(model);
    double error =
        againstMasked(model, whole, halves, bytes, levels.get(0), levels.get(levels.size() - 1));
    Cost after = CostModel.of(read(bytes));
    assertThat(after.params()).as("parameters").isLessThan(before.params());
    assertThat(after.bytes()).as("bytes of weights").isLessThan(before.bytes());
    return new CoverageReport.Row(
        fixture,
        model,
        working,
        oracle,
        error,
        budget(model, whole, working, before),
        before,
        after);
  }

  /**
   * What {@code --keep-params 0.7} comes to: the share that is left and the error; null if so much
   * cannot be removed.
   */
  private static @Nullable String budget(
      Model model, OrtProgram whole, WorkingModel working, Cost before) {
    PruningPlan plan;
    try {
      plan =
          PlanSelector.select(
              working,
              MagnitudeImportance.of(working),
              SelectionOptions.of(Budget.params(KEPT)),
              Map.of());
    } catch (ModelException.NothingToPrune e) {
      return null;
    }
    byte[] pruned = OnnxWriter.toBytes(Pruning.prune(model, plan));
    double share = CostModel.of(read(pruned)).params() / (double) before.params();
    assertThat(share).isLessThanOrEqualTo(Double.parseDouble(KEPT));
    double error = againstMasked(model, whole, plan, pruned, Optimization.NONE);
    return CoverageReport.percent(share) + ", " + CoverageReport.error(error);
  }

  /** The error against what PyTorch computes with the named parts switched off; null without it. */
  private static @Nullable Double oracle(
      Fixture fixture, Model model, List<Block> blocks, OrtProgram whole) {
    Fixture oracle = Expectations.oracle(fixture);
    if (oracle == null) {
      return null;
    }
    PruningPlan plan = Cuts.masked(blocks, oracle.maskedUnits());
    String refusal = Expectations.refusal(fixture);
    if (refusal != null) {
      assertThatThrownBy(() -> Pruning.prune(model, plan))
          .isInstanceOf(ModelException.BadPlan.class)
          .hasMessageContaining(refusal);
      return null;
    }
    byte[] bytes = OnnxWriter.toBytes(Pruning.prune(model, plan));
    double bound = Expectations.oracleBound(fixture, model, denseError(fixture, whole, oracle));
    double effect = Errors.relative(oracle.outputs(), oracle.maskedOutputs());
    assertThat(bound).as("a bound that tells masked from not masked").isLessThan(effect / 2);
    double worst = 0;
    for (Optimization level : List.of(Optimization.NONE, Optimization.ALL)) {
      try (OrtProgram program = load(bytes, level)) {
        var outputs = program.run(fixture.inputs(program));
        double error = Errors.relative(oracle.maskedOutputs(), outputs.values());
        assertThat(error).as("error at %s", level).isLessThan(bound);
        worst = Math.max(worst, error);
      }
    }
    return worst;
  }

  /** How far the model as it is, is from what PyTorch computes with everything switched on. */
  private static double denseError(Fixture fixture, OrtProgram whole, Fixture oracle) {
    return Errors.relative(oracle.outputs(), whole.run(fixture.inputs(whole)).values());
  }

  /** The error against the masked original, the worst of several levels of optimisation. */
  private static double againstMasked(
      Model model, OrtProgram whole, PruningPlan plan, byte[] pruned, Optimization... levels) {
    double worst = 0;
    Model masked = Pruning.mask(model, plan);
    try (OrtProgram reference = OrtProgram.compile(masked, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, reference, Map.of(), SEED);
      assertThat(effect(whole, reference, inputs))
          .as("effect of the plan")
          .isGreaterThan(2 * Precision.of(model));
      Expected expected =
          Expected.of(reference, inputs, 1, List.of(), Rounding.of(masked, OPTIONS), Map.of());
      for (Optimization level : levels) {
        try (OrtProgram candidate = load(pruned, level)) {
          Verdict verdict = Verifier.compare(expected, candidate, Verdict.Mode.MASKED);
          assertThat(verdict.passed()).as("%s: %s", level, verdict.summary()).isTrue();
          worst = Math.max(worst, verdict.maxRelError());
        }
      }
    }
    return worst;
  }

  /**
   * How far the masked original is from the original: a plan without effect would prove nothing.
   */
  private static double effect(OrtProgram whole, OrtProgram masked, SampleInputs inputs) {
    var feed = inputs.sample(0);
    return Errors.effect(whole.run(feed).values(), masked.run(feed).values());
  }

  private static Model read(byte[] model) {
    return OnnxReader.read(model, null);
  }

  private static OrtProgram load(byte[] model, Optimization level) {
    return OrtProgram.load("pruned", ByteBuffer.wrap(model), OPTIONS.withOptimization(level));
  }
}
