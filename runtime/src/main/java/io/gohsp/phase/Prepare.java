package io.gohsp.phase;

import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Verdict;
import java.util.List;

/** What blocks are cut from and trained on the way: the original in a plan's bases, verified. */
public record Prepare() implements Phase<Decision, Student> {
  @Override
  public Part part() {
    return Part.STUDY;
  }

  @Override
  public Student run(Decision decision, Run run) {
    return new Student(
        decision,
        student(run.original(), decision.plan(), run.verification(), run.given(run.original())),
        decision.plan().inOwnBasis(),
        List.of());
  }

  /**
   * The original with columns and streams in the bases of a plan, and streams as narrow.
   *
   * @param given samples that it is verified on beside random ones
   * @throws NotEquivalent if bases change what it computes, or what is left of the streams is not
   *     what the plan says
   */
  public static Model student(
      Model original, PruningPlan plan, Verification verification, List<GivenSamples> given) {
    Model turned = Pruning.inBasis(original, plan);
    if (plan.changesBasis()) {
      Verdict verdict =
          verification.compare(original, plan.ofEverything(), Verdict.Mode.PLAIN, turned, given);
      if (!verdict.passed()) {
        throw new NotEquivalent(
            verdict.because("in the plan's basis the original is another model"));
      }
    }
    if (plan.streams().isEmpty()) {
      return turned;
    }
    PruningPlan streams = plan.ofEverything().narrowing(plan.streams());
    Model narrow = Pruning.prepared(turned, streams);
    Verdict verdict = verification.compare(turned, streams, Verdict.Mode.MASKED, narrow, given);
    if (!verdict.passed()) {
      throw new NotEquivalent(verdict);
    }
    return narrow;
  }
}
