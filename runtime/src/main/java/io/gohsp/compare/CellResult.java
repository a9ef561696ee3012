package io.gohsp.compare;

import io.gohsp.train.Agreement;
import io.gohsp.train.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * What a cell came to.
 *
 * @param method its name; {@link Cell#DENSE} for the control
 * @param budget how much was to stay; null for the control
 * @param seed of the run
 * @param dense the original as it is, on the validation part
 * @param atCut the model right after the cut
 * @param untuned the model once it was corrected, before it was trained further
 * @param last the result
 * @param agreementAtCut of the model right after the cut with the original
 * @param agreement of the result with the original
 * @param params of the result
 * @param macs of the result
 * @param bytes of the result's weights
 * @param softSteps updates before the cut
 * @param tuneSteps updates after it
 * @param seconds wall time, of the last call if there were several
 * @param resumed whether there was more than one call
 * @param planSha256 of the plan as {@link io.gohsp.plan.PlanJson#compact} writes it
 * @param modelSha256 of {@code model.onnx}, see {@link io.gohsp.work.Fingerprint}
 * @param sourceSha256 of the original; null if it was made in memory
 */
public record CellResult(
    String method,
    @Nullable String budget,
    long seed,
    Evaluation dense,
    Evaluation atCut,
    Evaluation untuned,
    Evaluation last,
    Agreement agreementAtCut,
    Agreement agreement,
    long params,
    long macs,
    long bytes,
    long softSteps,
    long tuneSteps,
    double seconds,
    boolean resumed,
    String planSha256,
    String modelSha256,
    @Nullable String sourceSha256) {
  /** Updates in all. */
  public long steps() {
    return softSteps + tuneSteps;
  }

  /** Whether training after the cut made it worse by validation. */
  public boolean endsBelowStart() {
    return untuned.isBetterThan(last);
  }

  /** Whether it is the control. */
  public boolean isControl() {
    return budget == null;
  }
}
