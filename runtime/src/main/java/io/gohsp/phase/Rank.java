package io.gohsp.phase;

import io.gohsp.method.TrainedMethod;
import io.gohsp.study.Study;
import io.gohsp.train.Evaluation;

/**
 * What calibration samples say, and what a method makes of it.
 *
 * @param method decides what stays
 * @param rotated whether the columns of heads are written in the best basis before any goes
 */
public record Rank(TrainedMethod method, boolean rotated) implements Phase<Evaluation, Ranking> {
  @Override
  public Part part() {
    return Part.STUDY;
  }

  @Override
  public Ranking run(Evaluation dense, Run run) {
    Study study =
        Study.of(
            run.original(), rotated, run.calibration(), run.isLabelled(), run.listener()::doing);
    return new Ranking(dense, study, method.study(study.evidence()));
  }
}
