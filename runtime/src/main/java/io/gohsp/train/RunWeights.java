package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import io.gohsp.work.DamagedWork;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a run: those in training, their running average if the recipe has one, and those
 * that did best so far if these are to be kept.
 */
final class RunWeights {
  private final ParameterStore store;
  private final double share;
  private final @Nullable FlatVector average;
  private final @Nullable FlatVector best;

  /**
   * @param share of the average that stays in an update; 0 for no average
   * @param keepsBest whether the result is what did best
   */
  RunWeights(ParameterStore store, double share, boolean keepsBest) {
    this.store = store;
    this.share = share;
    average = share > 0 ? store.vector() : null;
    best = keepsBest ? store.vector() : null;
  }

  /** The average begins with the weights as they are. */
  void begin() {
    if (average != null) {
      Vectors.copy(average, store.weights());
    }
  }

  /** After an update. */
  void follow() {
    if (average != null) {
      average.array().muli(share);
      Vectors.add(average, 1 - share, store.weights());
    }
  }

  /** What is measured: the average if there is one. */
  FlatVector current() {
    return average == null ? store.weights() : average;
  }

  /** Nothing did better than what there is now. */
  void keepBest() {
    if (best != null) {
      Vectors.copy(best, current());
    }
  }

  FlatVector result() {
    return best == null ? current() : best;
  }

  /** For a checkpoint, by names; others' state comes between the weights and the rest. */
  Map<String, FlatVector> with(Map<String, FlatVector> optimizer) {
    Map<String, FlatVector> vectors = new LinkedHashMap<>();
    vectors.put("weights", store.weights());
    vectors.putAll(optimizer);
    if (average != null) {
      vectors.put("average", average);
    }
    if (best != null) {
      vectors.put("best", best);
    }
    return vectors;
  }

  /**
   * Looks at what was read. None was written otherwise; whoever else wrote one makes no model of
   * it.
   *
   * @throws DamagedWork if a number is not finite
   */
  void requireFinite(Path file) {
    for (FlatVector vector : with(Map.of()).values()) {
      if (!Double.isFinite(Vectors.norm(vector))) {
        throw new DamagedWork(file, "its weights are no finite numbers");
      }
    }
  }
}
