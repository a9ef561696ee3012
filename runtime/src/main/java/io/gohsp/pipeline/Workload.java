package io.gohsp.pipeline;

import io.gohsp.data.Splits;
import io.gohsp.phase.Part;
import io.gohsp.study.DropSearch;
import io.gohsp.train.Recipe;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a run has to do, in runs of one sample forward through the dense model: enough to say about
 * how long is left, once it is known how long such a run takes here. What is pruned is faster, so
 * that this is a bound from above.
 *
 * @param samples by part of the run; what is left out has nothing to do
 */
public record Workload(Map<Part, Double> samples) {
  /**
   * Runs over the calibration samples before anything is chosen: similarities, gradients, inputs of
   * layers.
   */
  public static final int STUDY = 6;

  /**
   * Runs over the calibration samples that correction takes: one through the dense model and two
   * through the pruned one, however many layers there are.
   */
  public static final int CORRECTION = 3;

  /**
   * Runs over the calibration samples that the plan of a size takes where streams may get narrower:
   * each width that is tried is one, and two are new to a size as a rule.
   */
  public static final int PLANNING = 2;

  /** A run forward and back takes as long as so many forward. */
  public static final int TRAINING = 3;

  public Workload {
    Map<Part, Double> ordered = new EnumMap<>(Part.class);
    ordered.putAll(samples);
    samples = ordered;
  }

  /** What a run takes. */
  public static Workload of(PruningSettings settings, Splits splits) {
    double validation = splits.validation().size();
    double correction =
        settings.recovery() == null
            ? 0
            : (double) CORRECTION * splits.calibration().size() + validation;
    Map<Part, Double> parts = new EnumMap<>(Part.class);
    parts.put(Part.ORIGINAL, validation);
    parts.put(Part.STUDY, (double) STUDY * splits.calibration().size());
    if (settings.goal().drop() != null) {
      double planning =
          settings.goal().width().keepsAll() ? 0 : (double) PLANNING * splits.calibration().size();
      parts.put(Part.TRIALS, DropSearch.TRIALS * (planning + Math.max(correction, validation)));
    }
    boolean taught = settings.training().supervision().taught();
    Recipe soft = settings.soft();
    if (soft != null) {
      parts.put(Part.SOFT, training(soft, taught, splits));
    }
    parts.put(Part.CUT, validation);
    parts.put(Part.RECOVER, correction);
    Recipe tune = settings.training().tune();
    if (tune != null) {
      parts.put(Part.TUNE, training(tune, taught, splits));
    }
    return new Workload(parts);
  }

  private static double training(Recipe recipe, boolean taught, Splits splits) {
    return (double) recipe.seen(splits.train().size()) * (TRAINING + (taught ? 1 : 0))
        + (double) recipe.epochs() * splits.validation().size();
  }

  /** Of one part. */
  public double of(Part part) {
    return samples.getOrDefault(part, 0.0);
  }

  /** Of everything behind a part. */
  public double after(Part part) {
    return samples.entrySet().stream()
        .filter(entry -> entry.getKey().compareTo(part) > 0)
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }
}
