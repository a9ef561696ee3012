package io.gohsp.phase;

import io.gohsp.data.Samples;
import io.gohsp.method.Evidence;
import io.gohsp.method.TrainedMethod;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.Recipe;
import io.gohsp.train.TrainableModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Training before the cut, in which what goes becomes small, or is found.
 *
 * @param method that is gradual
 * @param recipe how is trained
 */
public record Soften(TrainedMethod method, Recipe recipe) implements Phase<Student, Student> {
  /** What reports and the work directory call it. */
  public static final String NAME = "soft";

  @Override
  public Part part() {
    return Part.SOFT;
  }

  @Override
  public Student run(Student student, Run run) {
    Evidence evidence = run.evidence(student.model());
    run.listener().doing("pruning gradually");
    // The last weights, whatever validation says: only they are small where the cut goes. Averages
    // lag behind.
    Recipe last = recipe.keeping(Recipe.Keep.LAST).withAverage(0);
    Map<Long, Remaining> remaining = new LinkedHashMap<>();
    try (TrainableModel trainable = run.trainable(student.model())) {
      Samples samples = run.samples(student.model());
      PruningRule rule =
          method.rule(
              evidence,
              student.plan(),
              trainable.store(),
              last.updates(samples.dataset().size(), last.epochs()),
              (step, now) -> {
                remaining.put(step, now);
                run.listener().shrunk(step, now);
              });
      PruningRule recorded = new RecordedRule(Objects.requireNonNull(rule), remaining);
      TrainedPhase phase =
          new TrainedPhase(
              NAME,
              run.trainer(NAME, student.decision().plan(), trainable, samples, last)
                  .with(recorded)
                  .train(),
              remaining);
      return student.trained(phase, recorded.plan());
    }
  }
}
