package io.gohsp.equivalence;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Expected;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.witness.PlanPart;
import io.gohsp.witness.Witness;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pruned model must equal, too: the original masked as a {@link Witness} reads the plan,
 * which does without the axis analysis that the first reference and the cut both rest on. It is
 * compared with the first reference, once for all candidates.
 *
 * @param original in the plan's basis
 * @param masking the first reading of a plan
 * @param probes what is compared beside the outputs
 * @param unread is told what could not be read, in words
 */
record SecondReference(
    Model original,
    PruningPlan plan,
    Masking masking,
    StreamProbes probes,
    SampleInputs inputs,
    OrtOptions options,
    List<String> unread) {
  /** How many names a message lists. */
  private static final int NAMED = 4;

  /** Makes the masked original of a plan. */
  @FunctionalInterface
  interface Masking {
    Model mask(Model original, PruningPlan plan);
  }

  /**
   * Compares both references.
   *
   * @param first what the first answers
   * @return null if they agree, or where nothing of the plan can be read, or ONNX Runtime has no
   *     kernel for a switch; otherwise a failed verdict that names the part of the plan that both
   *     readings understand differently
   */
  @Nullable Verdict disagreement(Expected first, Verdict.Mode mode) {
    try {
      Witness witness = witness(plan);
      if (witness == null) {
        isUnread(parts());
        return null;
      }
      Verdict verdict;
      try (OrtProgram program =
          compile(probes.inOriginal(Pruning.narrow(original, witness.model(), plan)))) {
        verdict = Verifier.compareReferences(first, program, mode);
      }
      isUnread(witness.unread());
      return verdict.passed() ? null : verdict.because(difference());
    } catch (ModelException.ExecutionFailed e) {
      isUnread(parts());
      return null;
    }
  }

  private List<String> parts() {
    return PlanPart.of(plan).stream().map(PlanPart::name).toList();
  }

  private void isUnread(List<String> parts) {
    if (!parts.isEmpty()) {
      String names = String.join(", ", parts.subList(0, Math.min(NAMED, parts.size())));
      int more = parts.size() - NAMED;
      unread.add(
          "a second reading of the plan's "
              + names
              + (more > 0 ? " and " + more + " other parts" : ""));
    }
  }

  private String difference() {
    PlanPart which = null;
    for (PlanPart part : PlanPart.of(plan)) {
      which = which == null && !agree(part.alone()) ? part : which;
    }
    return "what is gone is not what the plan names"
        + (which == null ? "" : ", " + which.name())
        + ", if it is followed value by value instead of axis by axis";
  }

  /** One example is enough to tell heads apart, where the model takes one. */
  private @Nullable Witness witness(PruningPlan part) {
    Map<String, HostTensor> sample = inputs.sample(0);
    if (inputs.hasSymbolicBatch()) {
      try {
        return Witness.of(original, part, inputs.withBatch(1).sample(0), options);
      } catch (ModelException.ExecutionFailed e) {
        // Then as many as it was found to run with.
      }
    }
    return Witness.of(original, part, sample, options);
  }

  private OrtProgram compile(Model masked) {
    return OrtProgram.compile("the original with switches", masked, options);
  }

  private boolean agree(PruningPlan part) {
    try {
      Witness witness = witness(part);
      return witness == null || agree(masking.mask(original, part), witness.model());
    } catch (ModelException.BadPlan e) { // the part shares an axis, and is no plan by itself
      return true;
    }
  }

  private boolean agree(Model expected, Model switched) {
    try (OrtProgram first = OrtProgram.compile("the masked original", expected, options);
        OrtProgram second = compile(switched)) {
      Rounding rounding = Rounding.of(expected, options);
      return Verifier.compare(first, second, inputs, 1, rounding, Verdict.Mode.MASKED).passed();
    }
  }
}
