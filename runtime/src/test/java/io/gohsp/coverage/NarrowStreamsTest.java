package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.cost.CostModel;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Drops;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.Narrowings;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtOptions.Optimization;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.StreamPlan;
import io.gohsp.prune.CutComparison;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.Budget;
import io.gohsp.selection.Importance;
import io.gohsp.selection.LossTable;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.stream.Streams;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Fixtures with their streams narrowed to some random directions and some of their blocks cut,
 * every other time without some branches: the original with everything else taken off its streams
 * comes out. By default one plan for each at one level of optimisation; {@code -DrandomPlans=20}
 * tries so many at all levels, the first of streams alone.
 */
class NarrowStreamsTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int PLANS = Integer.getInteger("randomPlans", 0);

  @TestFactory
  Stream<DynamicTest> narrowedEqualsProjected() {
    return Fixture.sample("NarrowStreamsTest").stream()
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.name(), () -> check(fixture.name(), fixture.model())));
  }

  /** Layers behind what ONNX Runtime optimised before must not meet its own names again. */
  @Test
  void whatWasOptimisedIsOptimisedAgain() {
    Model model = Fixture.of("nn_encoder__ort_extended").model();
    WorkingModel working = WorkingModel.normalized(model);
    PruningPlan whole = Cuts.ragged(working.blocks(), EnumSet.noneOf(Part.class), 1);
    for (PruningPlan blocks : List.of(whole, Drops.some(working, whole, new Random(1)))) {
      compare(
          model,
          working,
          blocks.narrowing(Narrowings.some(working, new Random(1))),
          List.of(Optimization.ALL));
    }
  }

  /** Only streams that are narrowed get layers where they begin and end. */
  @Test
  void layersOfOtherStreamsDoNotCount() {
    Model model = Fixture.of("hf_bert_eager_dynamo").model();
    WorkingModel working = WorkingModel.normalized(model);
    List<StreamPlan> all = Narrowings.some(working, new Random(1));
    assertThat(all).hasSizeGreaterThan(2);
    long dense = CostModel.of(model).params();
    long limit = dense * 6 / 10; // less than the narrow streams alone leave
    Importance norms = MagnitudeImportance.of(working);
    long unit =
        LossTable.of(working, norms).stream().mapToLong(LossTable::unitParams).max().orElseThrow();
    for (List<StreamPlan> narrow : List.of(all.subList(0, 1), all)) {
      SelectionOptions options =
          SelectionOptions.of(Budget.params("60%"))
              .with(Allocation.UNIFORM)
              .withStreams(
                  narrow.stream().collect(Collectors.toMap(StreamPlan::stream, StreamPlan::kept)));
      PruningPlan plan = PlanSelector.select(working, norms, options, Map.of()).narrowing(narrow);
      assertThat(CostModel.of(Pruning.prune(model, plan)).params())
          .as("%s of %s streams", narrow.size(), all.size())
          .isBetween(limit - unit, limit);
    }
  }

  private static void check(String name, Model model) {
    WorkingModel working = WorkingModel.normalized(model);
    for (int i = 0; i < Math.max(1, PLANS); i++) {
      Random random = new Random(17L * name.hashCode() + i);
      List<StreamPlan> narrow = Narrowings.some(working, random);
      if (!narrow.isEmpty()) {
        EnumSet<Part> parts =
            i == 0 && PLANS > 0 ? EnumSet.noneOf(Part.class) : EnumSet.allOf(Part.class);
        PruningPlan whole = Cuts.ragged(working.blocks(), parts, random.nextLong());
        PruningPlan blocks =
            parts.isEmpty() || random.nextBoolean() ? whole : Drops.some(working, whole, random);
        List<Optimization> levels = List.of(Optimization.values());
        compare(
            model,
            working,
            blocks.narrowing(narrow),
            PLANS > 0 ? levels : List.of(levels.get(random.nextInt(levels.size()))));
      }
    }
  }

  private static void compare(
      Model model, WorkingModel working, PruningPlan plan, List<Optimization> levels) {
    Model reference = Pruning.mask(model, plan);
    byte[] bytes = OnnxWriter.toBytes(Pruning.prune(model, plan));
    Model read = OnnxReader.read(bytes, null);
    boolean layers =
        !Streams.of(working).model().equals(working); // which a stream just as wide is not worth
    assertThat(layers || CostModel.of(read).params() < CostModel.of(model).params()).isTrue();
    assertThat(read.graph().outputs().stream().map(Value::type).toList())
        .isEqualTo(model.graph().outputs().stream().map(Value::type).toList());
    assertThat(CutComparison.of(Pruning.prune(model, plan), read).isSame()).isTrue();
    Rounding rounding = Rounding.ofWeights(reference, OPTIONS);
    try (OrtProgram masked = OrtProgram.compile(reference, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, masked, Map.of(), 1);
      for (Optimization level : levels) {
        try (OrtProgram pruned =
            OrtProgram.load("pruned", ByteBuffer.wrap(bytes), OPTIONS.withOptimization(level))) {
          Verdict verdict =
              Verifier.compare(masked, pruned, inputs, 1, rounding, Verdict.Mode.MASKED);
          assertThat(verdict.passed()).as("at %s: %s; %s", level, verdict.summary(), plan).isTrue();
        }
      }
    }
  }
}
