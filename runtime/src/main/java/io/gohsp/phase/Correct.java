package io.gohsp.phase;

import io.gohsp.ir.Model;
import io.gohsp.plan.PruningPlan;
import io.gohsp.recover.RecoveredLayer;
import io.gohsp.recover.Recovery;
import io.gohsp.recover.RecoverySettings;
import java.util.List;

/** Makes up in closed form for what the cut lost. */
public record Correct(RecoverySettings settings) implements Phase<Pruned, Pruned> {
  @Override
  public Part part() {
    return Part.RECOVER;
  }

  @Override
  public Pruned run(Pruned pruned, Run run) {
    Student student = pruned.student();
    return pruned.with(corrected(student.model(), student.plan(), pruned.model(), run));
  }

  /**
   * Corrects a model.
   *
   * @param student that it was cut from
   * @param pruned is changed
   */
  Recovered corrected(Model student, PruningPlan plan, Model pruned, Run run) {
    run.listener().doing("recovering");
    // Memory outside the heap goes with the objects that have it, and those of earlier phases are
    // old: the sweep, which takes most of all, would come on top of it (docs/PERFORMANCE.md).
    System.gc();
    List<RecoveredLayer> layers =
        Recovery.of(student, plan, run.calibration(), settings)
            .telling(run.listener()::doing)
            .apply(pruned);
    return new Recovered(layers, run.evaluate(pruned));
  }
}
