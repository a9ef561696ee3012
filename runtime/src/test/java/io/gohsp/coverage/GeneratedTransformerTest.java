package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.GeneratedTransformer;
import io.gohsp.fixture.GeneratedTransformer.Form;
import io.gohsp.fixture.GeneratedTransformer.Layer;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every order in which queries, keys and values can meet, fixed or free batch, other widths in each
 * block: what is recognised is what was written, and what is cut is what the plan names, by a
 * reference that is written down with its masks and asks no analysis. {@code -Dgenerated=500} tries
 * more.
 */
class GeneratedTransformerTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int MODELS = Integer.getInteger("generated", 24);

  @TestFactory
  Stream<DynamicTest> randomModels() {
    return LongStream.range(0, MODELS)
        .mapToObj(GeneratedTransformer::random)
        .map(model -> DynamicTest.dynamicTest(model.toString(), () -> check(model)));
  }

  /** Three blocks of one form, widths 5, 7, 6, free batch: shapes lead from each to the last. */
  @TestFactory
  Stream<DynamicTest> everyFormWithShapesThatLeadUpstream() {
    return Stream.of(Form.values())
        .flatMap(form -> Stream.of(1, 2).map(heads -> widths(form, heads)))
        .map(model -> DynamicTest.dynamicTest(model.toString(), () -> check(model)));
  }

  private static GeneratedTransformer widths(Form form, int heads) {
    return new GeneratedTransformer(
        Stream.of(5, 7, 6).map(width -> new Layer(form, heads, width, 8 - heads, 0)).toList(),
        true,
        7);
  }

  private static void check(GeneratedTransformer written) {
    Model model = written.model();
    List<Block> blocks = WorkingModel.normalized(model).blocks();
    assertThat(blocks.stream().map(GeneratedTransformerTest::describe))
        .containsExactlyElementsOf(
            written.layers().stream().map(GeneratedTransformerTest::describe).toList());
    Random random = new Random(written.seed());
    for (int i = 0; i < 3; i++) {
      EnumSet<Part> parts = EnumSet.allOf(Part.class);
      parts.removeIf(part -> random.nextBoolean());
      PruningPlan plan = Cuts.ragged(blocks, parts, random.nextLong());
      if (!plan.isEmpty()) {
        requireEqual(written.masked(plan), Pruning.prune(model, plan), plan);
        requireEqual(written.masked(plan), Pruning.mask(model, plan), plan);
      }
    }
  }

  private static String describe(Layer layer) {
    return layer.heads() + "h" + layer.qk() + "/" + layer.v() + ";" + layer.neurons();
  }

  private static String describe(Block block) {
    AttentionPart attention = block.attention();
    return (attention == null
            ? "none"
            : attention.headCount() + "h" + size(attention.qk()) + "/" + size(attention.v()))
        + ";"
        + (block.mlp() == null ? "0" : size(block.mlp().neurons()));
  }

  private static String size(@Nullable PrunableAxis axis) {
    return axis == null ? "-" : axis.size() + (axis.isPrunable() ? "" : "!" + axis.obstacle());
  }

  private static void requireEqual(Model reference, Model candidate, PruningPlan plan) {
    try (OrtProgram right = OrtProgram.compile(reference, OPTIONS);
        OrtProgram judged = OrtProgram.compile(candidate, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(reference, right, Map.of(), 1);
      Verdict verdict =
          Verifier.compare(
              right, judged, inputs, 1, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
      assertThat(verdict.passed()).as("%s; %s", verdict.summary(), plan).isTrue();
    }
  }
}
