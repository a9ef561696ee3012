package io.gohsp.phase;

import io.gohsp.ir.Model;
import io.gohsp.plan.PruningPlan;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is to be cut.
 *
 * @param decision that it follows from
 * @param model the original in the plan's bases, trained or not
 * @param plan what stays of it, in its own basis
 * @param phases of training so far
 */
public record Student(Decision decision, Model model, PruningPlan plan, List<TrainedPhase> phases) {
  public Student {
    phases = List.copyOf(phases);
  }

  /** After another phase of training, which changed the model and may have changed its mind. */
  Student trained(TrainedPhase phase, PruningPlan now) {
    return new Student(
        decision, model, now, Stream.concat(phases.stream(), Stream.of(phase)).toList());
  }
}
