package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.text.OnnxPrinter;
import io.gohsp.text.TensorText;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import java.util.EnumSet;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What must not change anything. */
class IdentityTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);

  /** A plan that removes nothing leaves the text of the model as it is. */
  @TestFactory
  Stream<DynamicTest> emptyPlan() {
    return Fixture.all().stream()
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.name(),
                    () -> {
                      Model model = fixture.model();
                      PruningPlan nothing =
                          Cuts.halves(
                              WorkingModel.normalized(model).blocks(),
                              EnumSet.noneOf(Cuts.Part.class),
                              0);
                      assertThat(nothing.isEmpty()).isTrue();
                      String before = text(model);
                      assertThat(text(Pruning.prune(model, nothing))).isEqualTo(before);
                      assertThat(text(model)).as("the original").isEqualTo(before);
                    }));
  }

  /** Normalisation, which only the analysis sees, computes the same as the model. */
  @TestFactory
  Stream<DynamicTest> normalized() {
    return Fixture.sample("normalized").stream()
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.name(),
                    () -> {
                      Verdict verdict = compare(fixture.model());
                      assertThat(verdict.passed()).as(verdict.summary()).isTrue();
                    }));
  }

  private static Verdict compare(Model model) {
    try (OrtProgram original = OrtProgram.compile(model, OPTIONS);
        OrtProgram normal = OrtProgram.compile(WorkingModel.normalized(model).model(), OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, original, Map.of(), 1);
      return Verifier.compare(
          original, normal, inputs, 1, Rounding.of(model, OPTIONS), Verdict.Mode.PLAIN);
    }
  }

  private static String text(Model model) {
    return OnnxPrinter.print(model, TensorText.DIGEST);
  }
}
