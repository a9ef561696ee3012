package io.gohsp.equivalence;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.verify.DataShapes;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Soundness;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be said by running a model whose weights are no longer its original's. */
final class Trained {
  private Trained() {}

  /**
   * @param given samples that somebody has, which say how large inputs are
   * @throws NotVerifiable if the original does not run
   */
  static Verdict check(
      Model original, Model model, Verification settings, List<GivenSamples> given) {
    OrtOptions options =
        OrtOptions.DEFAULT.withDevice(settings.device()).withThreads(settings.threads());
    try (OrtProgram reference = OrtProgram.compile("the original", original, options)) {
      SampleInputs inputs =
          SampleInputs.find(
              original, reference, settings.sizes(), settings.seed(), DataShapes.of(given));
      String problem = problem(reference, model, inputs, settings, options);
      return new Verdict(
          problem == null,
          Double.NaN,
          Double.NaN,
          settings.samples(),
          reference.device(),
          Verdict.Mode.CUT,
          Tolerance.STANDARD,
          null,
          problem,
          Evidence.NONE);
    } catch (ModelException e) { // of the original; one of the other is a verdict
      throw new NotVerifiable(e);
    }
  }

  private static @Nullable String problem(
      OrtProgram reference,
      Model model,
      SampleInputs inputs,
      Verification settings,
      OrtOptions options) {
    try (OrtProgram candidate = OrtProgram.compile("the trained model", model, options)) {
      return Soundness.problem(reference, candidate, inputs, settings.samples());
    } catch (ModelException.ExecutionFailed e) {
      return e.getMessage();
    }
  }
}
