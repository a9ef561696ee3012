package io.gohsp.train;

import io.gohsp.data.Augmentation;
import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.linear.TokenMask;
import org.jspecify.annotations.Nullable;

/**
 * What models are trained towards, and on which forms of the samples, the same for all models that
 * are made of one original.
 *
 * @param taught whether the original teaches; it must where there are no labels
 * @param distillation how much it counts beside labels
 * @param smoothing of labels: share of the probability that is spread over all classes
 * @param augmentation of training samples
 */
public record Supervision(
    boolean taught,
    Objective.Distillation distillation,
    double smoothing,
    Augmentation augmentation) {
  /** The original as a teacher, labels as they are, samples as they are. */
  public static final Supervision STANDARD = by(Objective.Distillation.STANDARD);

  /** The same with a teacher that counts so much. */
  public static Supervision by(Objective.Distillation distillation) {
    return new Supervision(true, distillation, 0, Augmentation.NONE);
  }

  /**
   * The teacher.
   *
   * @param mask of the original's inputs; null if all tokens count
   * @return null if there is none
   */
  public @Nullable Teacher teacher(Model original, Engine engine, @Nullable TokenMask mask) {
    return taught ? Teacher.of(original, original, Objective.taught(original), engine, mask) : null;
  }

  /**
   * What a model is trained towards.
   *
   * @param labelled whether samples say which class they are of
   * @param teacher that of the original; null if there is none
   * @throws io.gohsp.ir.ModelException.Unsupported if there are labels but no output of class
   *     scores
   */
  public Objective objective(Model model, boolean labelled, @Nullable Teacher teacher) {
    return Objective.of(
        model, labelled, augmentation.mixup() > 0, smoothing, teacher, distillation);
  }
}
