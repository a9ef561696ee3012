package io.gohsp.train;

import io.gohsp.data.Augmentation;
import io.gohsp.plan.InvalidOption;
import org.jspecify.annotations.Nullable;

/**
 * What was said about what is trained towards; what was not follows from how long is trained.
 *
 * @param taught whether a teacher is listened to
 * @param share of the teacher in the loss beside labels, 0 to 1; null if not stated
 * @param temperature by which distributions are softened, above 0; null if not stated
 * @param smoothing share of each label that is spread over all classes, 0 to below 1
 * @param augmentation of training samples
 */
public record Teaching(
    boolean taught,
    @Nullable Double share,
    @Nullable Double temperature,
    double smoothing,
    Augmentation augmentation) {
  /** Nothing said. */
  public static final Teaching STANDARD = new Teaching(true, null, null, 0, Augmentation.NONE);

  /**
   * @throws InvalidOption if a number makes no sense, or it is said how much a teacher counts who
   *     is not listened to
   */
  public Teaching {
    if (!taught && (share != null || temperature != null)) {
      throw new InvalidOption(
          "--no-distill and --distill or --temperature exclude each other; give one of them");
    }
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new InvalidOption("--smoothing " + smoothing + " makes no sense; give 0 to below 1");
    }
  }

  /**
   * How much the teacher counts.
   *
   * @param standard what was not stated
   */
  public Objective.Distillation distillation(Objective.Distillation standard) {
    return new Objective.Distillation(
        temperature == null ? standard.temperature() : temperature,
        share == null ? standard.weight() : share);
  }

  /**
   * What models are trained towards.
   *
   * @param labelled whether samples say which class they are of
   * @param standard how much the teacher counts where that was not stated
   * @throws InvalidOption if there is nothing to learn from
   */
  public Supervision supervision(boolean labelled, Objective.Distillation standard) {
    if (!taught && !labelled) {
      throw new InvalidOption(
          "--no-distill: the data has no labels, so that only the dense model can teach; leave it"
              + " out");
    }
    return new Supervision(taught, distillation(standard), smoothing, augmentation);
  }
}
