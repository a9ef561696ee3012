package io.gohsp.phase;

import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.ir.Model;
import io.gohsp.prune.Pruning;
import io.gohsp.train.Evaluation;
import io.gohsp.verify.Verdict;

/** Removes for good, and proves that nothing else changed. */
public record Cut() implements Phase<Student, Pruned> {
  @Override
  public Part part() {
    return Part.CUT;
  }

  /**
   * @throws NotEquivalent if the cut model does not compute what the masked one does
   */
  @Override
  public Pruned run(Student student, Run run) {
    run.listener().doing("cutting");
    Model pruned = Pruning.prune(student.model(), student.plan());
    Verdict verdict = verified(student, pruned, run);
    Evaluation evaluation = run.evaluate(pruned);
    run.listener().cut(pruned);
    return new Pruned(student, pruned, verdict, evaluation, null, null);
  }

  private static Verdict verified(Student student, Model pruned, Run run) {
    run.listener().doing("verifying the cut");
    Model model = student.model();
    Verdict verdict =
        run.verification()
            .compare(model, student.plan(), Verdict.Mode.MASKED, pruned, run.given(model));
    if (!verdict.passed()) {
      throw new NotEquivalent(verdict);
    }
    return verdict;
  }
}
