package io.gohsp.phase;

import io.gohsp.ir.Model;
import io.gohsp.train.Evaluation;
import io.gohsp.verify.Verdict;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was cut, and what became of it since.
 *
 * @param student that it was cut from
 * @param verdict how the cut compares with the masked student
 * @param atCut how well it did right after the cut
 * @param recovered what closed-form correction did; null if there was none
 * @param tuned what fine-tuning came to; null if there was none
 */
public record Pruned(
    Student student,
    Model model,
    Verdict verdict,
    Evaluation atCut,
    @Nullable Recovered recovered,
    @Nullable TrainedPhase tuned) {

  Pruned with(Recovered correction) {
    return new Pruned(student, model, verdict, atCut, correction, tuned);
  }

  Pruned with(TrainedPhase tuning) {
    return new Pruned(student, model, verdict, atCut, recovered, tuning);
  }

  /** How well it does now. */
  public Evaluation evaluation() {
    if (tuned != null) {
      return Objects.requireNonNull(tuned.training().evaluation());
    }
    return recovered == null ? atCut : recovered.evaluation();
  }

  /** All phases of training, in their order. */
  public List<TrainedPhase> phases() {
    return Stream.concat(student.phases().stream(), Stream.ofNullable(tuned)).toList();
  }
}
