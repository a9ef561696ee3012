package io.gohsp.verify;

import io.gohsp.ort.Device;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a comparison.
 *
 * @param passed whether candidate and reference agree
 * @param maxAbsError the largest difference of two elements; infinite where one is not finite and
 *     the other differs
 * @param maxRelError of the element that comes nearest to what is allowed there, or exceeds it by
 *     most: the difference by the element's scale, which is how far the reference ranges there
 * @param samples how many samples were compared
 * @param device where both ran
 * @param mode what was compared with what
 * @param tolerance what was allowed for that element
 * @param worstOutput the output that element is of; null if nothing was compared
 * @param reason why it failed, in a sentence; null if it passed
 * @param evidence what it rests on
 */
public record Verdict(
    boolean passed,
    double maxAbsError,
    double maxRelError,
    int samples,
    Device device,
    Mode mode,
    Tolerance tolerance,
    @Nullable String worstOutput,
    @Nullable String reason,
    Evidence evidence) {

  /** What was compared with what. */
  public enum Mode {
    /** The pruned model with the original whose pruned parts are multiplied by zero. */
    MASKED,
    /** The pruned model with the original as it is. */
    PLAIN,
    /** A model that was trained with what a fresh cut has and training leaves alone. */
    CUT
  }

  /** The same, but a reason for failing says before what was compared. */
  public Verdict because(String what) {
    return reason == null
        ? this
        : new Verdict(
            passed,
            maxAbsError,
            maxRelError,
            samples,
            device,
            mode,
            tolerance,
            worstOutput,
            what + ": " + reason,
            evidence);
  }

  /** The same, of a model that fails for another reason than its numbers, unless they fail too. */
  public Verdict failing(String newReason) {
    return new Verdict(
        false,
        maxAbsError,
        maxRelError,
        samples,
        device,
        mode,
        tolerance,
        worstOutput,
        reason == null
            ? newReason
            : newReason.endsWith(reason) ? newReason : reason + "; " + newReason,
        evidence);
  }

  /** The same with other evidence. */
  public Verdict with(Evidence newEvidence) {
    return new Verdict(
        passed,
        maxAbsError,
        maxRelError,
        samples,
        device,
        mode,
        tolerance,
        worstOutput,
        reason,
        newEvidence);
  }

  /** How many were compared: {@code 3 samples and 4 of the data}. */
  public String inputs() {
    return samples
        + (samples == 1 ? " sample" : " samples")
        + (evidence.given() > 0 ? " and " + evidence.given() + " of the data" : "");
  }

  /** One line for people. */
  public String summary() {
    String measured =
        String.format(
            Locale.ROOT,
            "max relative error %.2e (allowed %.0e, %s), %s on %s",
            maxRelError,
            tolerance.relative(),
            tolerance.name(),
            inputs(),
            device);
    return passed ? "equivalent: " + measured : "NOT equivalent: " + reason + "; " + measured;
  }
}
