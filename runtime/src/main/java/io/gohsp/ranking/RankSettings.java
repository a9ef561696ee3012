package io.gohsp.ranking;

import io.gohsp.calibration.Calibration;
import io.gohsp.plan.InvalidOption;
import io.gohsp.rank.HeadGraph;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import org.jspecify.annotations.Nullable;

/**
 * How heads are compared and ordered.
 *
 * @param similarity what of them is compared
 * @param rowStep of attention maps every so manieth query row is compared, 1 for all; null for as
 *     many as {@link HeadGraph#AFFORDABLE_ROWS affordable}
 * @param chains of the Markov chain on the graph
 * @param order how its stationary distribution, or what else, becomes an order
 * @param batch samples in a run; a batch that is built into the model counts instead
 */
public record RankSettings(
    Similarity similarity,
    @Nullable Integer rowStep,
    MarkovChain.Options chains,
    HeadRanking.Options order,
    int batch) {
  /** What {@code gohsp rank} does where nothing else is said. */
  public static final RankSettings STANDARD =
      new RankSettings(
          Similarity.ATTENTION,
          null,
          MarkovChain.Options.DEFAULT,
          HeadRanking.Options.DEFAULT,
          Calibration.BATCH);

  int rows() {
    return rowStep == null ? HeadGraph.AFFORDABLE_ROWS : rowStep;
  }

  /**
   * @throws InvalidOption if a number makes no sense, or the order needs gradients
   */
  public RankSettings {
    if (batch < 1) {
      throw new InvalidOption("--batch " + batch + " is no number of samples; give 1 or more");
    }
    if (rowStep != null && rowStep < 1) {
      throw new InvalidOption("--row-step " + rowStep + " skips no rows; give 1 or more");
    }
    if (order.by() == HeadOrder.TAYLOR) {
      throw new InvalidOption(
          "--ranking taylor needs gradients, which rank does not compute; choose graph, mmr,"
              + " magnitude or random");
    }
  }
}
