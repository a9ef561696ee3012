package io.gohsp.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to. The trained weights are in the model.
 *
 * @param epochs one report for each
 * @param kept the epoch whose weights are the result, from 1; 0 if no epoch did better than the
 *     weights it began with, and they may be kept
 * @param start of the weights it began with; null if they were not measured
 * @param evaluation of these weights; null if there was nothing to validate on
 * @param steps updates made in all
 * @param parts in how many runs the gradients of a batch were computed
 * @param corrupt samples that could not be read and were left out since the run began or was
 *     continued, with the reason
 */
public record TrainingResult(
    List<EpochReport> epochs,
    int kept,
    @Nullable Evaluation start,
    @Nullable Evaluation evaluation,
    long steps,
    int parts,
    List<String> corrupt) {
  public TrainingResult {
    epochs = List.copyOf(epochs);
    corrupt = List.copyOf(corrupt);
  }

  /** Whether the result validates worse than what it began with. */
  public boolean isWorse() {
    return start != null && evaluation != null && start.isBetterThan(evaluation);
  }

  /** Updates that the resulting weights have gone through, as far as it is told. */
  public long updates() {
    return kept == 0 ? 0 : steps;
  }
}
