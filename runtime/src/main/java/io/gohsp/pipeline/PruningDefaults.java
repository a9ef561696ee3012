package io.gohsp.pipeline;

import io.gohsp.ir.Model;
import io.gohsp.method.Gohsp;
import io.gohsp.method.TrainedMethod;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.soft.SoftSettings;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;

/** What pruning with data does where nothing else is said; the sources leave all of it open. */
public final class PruningDefaults {
  /** Passes over the data in all, before the cut and after it. */
  public static final int EPOCHS = 8;

  /** How is trained, before the cut and after it. */
  public static final Recipe TRAINING = Recipe.STANDARD.withEpochs(EPOCHS);

  /** How what goes is chosen and shrunk. */
  public static final Gohsp METHOD =
      new Gohsp(
          Similarity.ATTENTION,
          MarkovChain.Options.DEFAULT,
          new HeadRanking.Options(HeadOrder.MMR, false, 1, 0),
          SoftSettings.STANDARD);

  /** How a budget is spread; worth more than anything else here (docs/RESULTS.md). */
  public static final Allocation ALLOCATION = Allocation.KNAPSACK;

  /** The same for a model, whose batch may be built in. */
  public static Recipe training(Model model) {
    return TRAINING.withBatch(Objective.builtInBatch(model).orElse(TRAINING.batch()));
  }

  /**
   * Passes over the data before the cut: the method's share of all that there are by default, so
   * that every method trains as long as every other.
   */
  public static int softEpochs(TrainedMethod method) {
    return Math.min(EPOCHS - 1, (int) Math.round(EPOCHS * method.share()));
  }

  /**
   * Passes after the cut: the rest, at least one.
   *
   * @param before passes before the cut
   */
  public static int tuneEpochs(int before) {
    return Math.max(1, EPOCHS - before);
  }

  /**
   * Training of fewer passes than this is brief: it has time to repair what was lost, and none to
   * learn from labels what the dense model does not know (docs/RESULTS.md).
   */
  private static final double BRIEF = 1.5;

  /** The teacher alone. */
  private static final double ALONE = 1;

  /**
   * Whether training is brief.
   *
   * @param seen samples that are trained on, before the cut and after it, each as often as that
   *     happens
   * @param samples there are to train on
   */
  public static boolean isBrief(long seen, int samples) {
    return seen < BRIEF * samples;
  }

  /** How much the teacher counts beside labels. */
  public static Objective.Distillation distillation(boolean brief) {
    Objective.Distillation standard = Objective.Distillation.STANDARD;
    return brief ? new Objective.Distillation(standard.temperature(), ALONE) : standard;
  }

  private PruningDefaults() {}
}
