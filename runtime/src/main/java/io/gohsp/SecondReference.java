package io.gohsp;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.witness.PlanPart;
import io.gohsp.witness.Witness;
import org.jspecify.annotations.Nullable;

/**
 * What a pruned model must equal, too: the original masked as a {@link Witness} reads the plan,
 * which does without the axis analysis that the first reference and the cut both rest on.
 *
 * @param original in the plan's basis
 * @param masking the first reading of a plan
 * @param probes what is compared beside the outputs
 * @param masked the original with everything switched off, ready to run as {@code program}
 */
record SecondReference(
    Model original,
    PruningPlan plan,
    Masking masking,
    StreamProbes probes,
    SampleInputs inputs,
    OrtOptions options,
    Model masked,
    OrtProgram program)
    implements AutoCloseable {

  /** Makes the masked original of a plan. */
  @FunctionalInterface
  interface Masking {
    Model mask(Model original, PruningPlan plan);
  }

  /**
   * Reads the plan.
   *
   * @return null where nothing of it can be read, or where ONNX Runtime has no kernel for a switch
   */
  static @Nullable SecondReference of(
      Model original,
      PruningPlan plan,
      Masking masking,
      StreamProbes probes,
      SampleInputs inputs,
      OrtOptions options) {
    try {
      Witness witness = Witness.of(original, plan, inputs.sample(0), options);
      if (witness == null) {
        return null;
      }
      Model masked = probes.in(witness.model());
      return new SecondReference(
          original, plan, masking, probes, inputs, options, masked, compile(masked, options));
    } catch (ModelException.ExecutionFailed e) {
      return null;
    }
  }

  private static OrtProgram compile(Model masked, OrtOptions options) {
    return OrtProgram.compile("the original with switches", masked, options);
  }

  /**
   * Compares a model that equals the first reference.
   *
   * @param first the verdict on it
   * @return the same if it equals this reference, too; otherwise a failed one that names the part
   *     of the plan that both readings understand differently
   */
  Verdict confirm(Verdict first, OrtProgram candidate, int samples) {
    Verdict second =
        Verifier.compare(
            program,
            candidate,
            inputs,
            samples,
            Rounding.of(masked, options),
            first.mode(),
            probes.labels());
    if (second.passed()) {
      return first;
    }
    PlanPart which = null;
    for (PlanPart part : PlanPart.of(plan)) {
      which = which == null && !agree(part.alone()) ? part : which;
    }
    return second.because(
        "what is gone is not what the plan names"
            + (which == null ? "" : ", " + which.name())
            + ", if it is followed value by value instead of axis by axis");
  }

  private boolean agree(PruningPlan part) {
    try {
      Witness witness = Witness.of(original, part, inputs.sample(0), options);
      return witness == null || agree(masking.mask(original, part), witness.model());
    } catch (ModelException.BadPlan e) { // the part shares an axis, and is no plan by itself
      return true;
    }
  }

  private boolean agree(Model expected, Model switched) {
    try (OrtProgram first = OrtProgram.compile("the masked original", expected, options);
        OrtProgram second = compile(switched, options)) {
      Rounding rounding = Rounding.of(expected, options);
      return Verifier.compare(first, second, inputs, 1, rounding, Verdict.Mode.MASKED).passed();
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
