package io.gohsp.phase;

import io.gohsp.ir.Model;
import io.gohsp.train.Recipe;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.TrainingResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Training after the cut.
 *
 * @param recipe how is trained
 * @param gentle whether the learning rate is in proportion to what is to be repaired
 */
public record Tune(Recipe recipe, boolean gentle) implements Phase<Pruned, Pruned> {
  /** What reports and the work directory call it. */
  public static final String NAME = "tune";

  /** What of the stream is to be repaired where the recipe's own rate is right. */
  private static final double MUCH = 0.2;

  /** Something moves in any case. */
  private static final double LEAST = 0.01;

  @Override
  public Part part() {
    return Part.TUNE;
  }

  @Override
  public Pruned run(Pruned pruned, Run run) {
    run.listener().doing("fine-tuning");
    Model model = pruned.model();
    try (TrainableModel trainable = run.trainable(model)) {
      TrainingResult result =
          run.trainer(
                  NAME,
                  pruned.student().decision().plan(),
                  trainable,
                  run.samples(model),
                  rated(pruned.recovered()))
              .startingAt(pruned.evaluation())
              .train();
      return pruned.with(new TrainedPhase(NAME, result, Map.of()));
    }
  }

  /** With the rate for what correction could not make up for. */
  private Recipe rated(@Nullable Recovered recovered) {
    double left = recovered == null ? Double.NaN : recovered.error();
    return gentle && !Double.isNaN(left)
        ? recipe.withRate(recipe.rate() * repairRate(left))
        : recipe;
  }

  /**
   * The part of a recipe's learning rate that fine-tuning takes. Adam's updates are as large as the
   * rate, however small gradients are: a model that needs little repair is moved as far as one that
   * needs much, and what is too far is noise. So the rate is in proportion to the error.
   *
   * @param error what correction could not make up for: of the stream behind the last layer that
   *     was corrected, the norm of the difference by that of what varies
   */
  public static double repairRate(double error) {
    return Math.max(LEAST, Math.min(1, error / MUCH));
  }
}
