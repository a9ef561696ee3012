package io.gohsp.latency;

import io.gohsp.cost.CostModel;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.CandidateTimer.Trial;
import io.gohsp.latency.MeasuredLatency.Alignment;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Amount;
import io.gohsp.selection.Budget;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the largest plan whose model is fast enough. Bisects over the part of the
 * multiply-accumulates that stay; every candidate is a real pruned model, timed in ONNX Runtime in
 * turns with the original. A candidate fits if its median is below the target beyond the
 * uncertainty of the measurement; those close to it are measured longer, and the one that is chosen
 * once more at length.
 *
 * <p>Two runs may choose different plans, as times differ; the plan itself is what can be repeated.
 */
public final class LatencySearch {
  /** What widths are tried to be multiples of, if the user leaves that open. */
  private static final List<Integer> ALIGNMENTS = List.of(1, 4, 8, 16);

  /** Parts of the multiply-accumulates closer than this take the same time. */
  private static final double RESOLUTION = 0.01;

  /** A plan with fewer of the multiply-accumulates another has is not as large. */
  private static final double AS_LARGE = 0.97;

  /** The last measurement takes this many times as long as the others. */
  private static final int CONFIRMATION = 3;

  /** How often a plan may fail the last measurement before the smallest is taken. */
  private static final int ATTEMPTS = 6;

  private final Model original;
  private final LatencyTarget target;
  private final LatencySettings settings;
  private final Planner planner;
  private final Consumer<String> progress;

  /** Plans of one model, whatever the method. */
  @FunctionalInterface
  public interface Planner {
    /**
     * The best plan within a budget.
     *
     * @param align what widths that are cut are multiples of
     */
    PruningPlan plan(Budget budget, int align);
  }

  /**
   * What was found.
   *
   * @param plan what stays
   * @param latency what it takes
   */
  public record Found(PruningPlan plan, MeasuredLatency latency) {}

  /**
   * @param original the model to prune
   * @param planner makes plans for it
   * @param progress is told what is measured
   */
  public LatencySearch(
      Model original,
      LatencyTarget target,
      LatencySettings settings,
      Planner planner,
      Consumer<String> progress) {
    this.original = original;
    this.target = target;
    this.settings = settings;
    this.planner = planner;
    this.progress = progress;
  }

  /**
   * Searches.
   *
   * @param align what widths are multiples of; null to choose what is fastest
   * @throws ModelException.NothingToPrune if nothing can be pruned, or not enough
   * @throws InvalidOption if the planner cannot make sense of its options, or the batch is built in
   */
  public Found run(@Nullable Integer align) {
    return run(align, () -> Candidates.of(original, target, settings));
  }

  Found run(@Nullable Integer align, Supplier<CandidateTimer> timer) {
    int first = align == null ? 1 : align;
    PruningPlan whole = planner.plan(part(1), first); // or says what is wrong
    progress.accept("measuring the latency of the original");
    try (CandidateTimer candidates = timer.get()) {
      return new Run(candidates, whole, first).search(align);
    }
  }

  private static Budget part(double part) {
    return new Budget.Macs(new Amount.Fraction(BigDecimal.valueOf(part)));
  }

  /** One search with the original ready to run. */
  private final class Run {
    private final CandidateTimer candidates;
    private final PruningPlan whole;
    private final List<Alignment> alignments = new ArrayList<>();
    private int align;

    Run(CandidateTimer candidates, PruningPlan whole, int align) {
      this.candidates = candidates;
      this.whole = whole;
      this.align = align;
    }

    /** A plan of this part of the multiply-accumulates, timed. */
    private record Point(double part, int align, Trial trial) {
      /** Whether the measurements leave it open which of two is faster. */
      boolean isNoFasterThan(Point other) {
        return trial.pruned().ratioRange().overlaps(other.trial.pruned().ratioRange());
      }
    }

    Found search(@Nullable Integer given) {
      Point all = null;
      if (target instanceof LatencyTarget.Millis || !whole.isEmpty()) {
        all = time(1, align, whole);
        if (all.trial().fits()) {
          Trial confirmed = confirm(whole);
          if (confirmed.fits()) {
            return found(confirmed);
          }
        }
      }
      double guess = all == null ? target.limit() : target.part(all.trial().dense());
      guess = Math.min(1 - RESOLUTION, Math.max(RESOLUTION, guess));
      Point first = null;
      if (given == null) {
        first = fastestAlignment(guess);
        align = first == null ? 1 : first.align();
      }
      double least = least();
      Point best = bisect(least, first == null ? time(Math.max(least, guess)) : first);
      return found(tightened(least, best));
    }

    /**
     * The plan of this part whose alignment takes least time; of those that cannot be told from it
     * the finest, which leaves the scores most to say. Null if no alignment has such a plan.
     */
    private @Nullable Point fastestAlignment(double part) {
      List<Point> points = new ArrayList<>();
      long finest = 0;
      for (int each : ALIGNMENTS) {
        Point point = null;
        try {
          point = time(part, each, planner.plan(part(part), each));
          finest = Math.max(finest, point.trial().macs());
          point = point.trial().macs() < AS_LARGE * finest ? null : point;
        } catch (InvalidOption | ModelException.NothingToPrune tooCoarse) {
          // no such plan
        }
        alignments.add(new Alignment(each, point == null ? null : point.trial().pruned()));
        if (point != null) {
          points.add(point);
        }
      }
      Point fastest =
          points.stream()
              .min(Comparator.comparingDouble(point -> point.trial().pruned().ratio()))
              .orElse(null);
      return points.stream()
          .filter(point -> fastest != null && fastest.isNoFasterThan(point))
          .findFirst()
          .orElse(null);
    }

    /** The smallest part that there is a plan for. */
    private double least() {
      try {
        planner.plan(new Budget.Macs(new Amount.Absolute(1)), align);
        return RESOLUTION; // the multiply-accumulates are not what limits it
      } catch (ModelException.NothingToPrune e) {
        long least = e.least().orElseThrow(() -> e);
        long dense = CostModel.of(original).macs();
        // A little more, as parts are rounded down.
        return Math.min(1, (least + 1.0) / Math.max(1, dense));
      }
    }

    /** The largest part that fits, from a first guess on. */
    private Point bisect(double least, Point first) {
      double low;
      double high;
      Point best;
      if (first.trial().fits()) {
        low = first.part();
        high = 1;
        best = first;
      } else {
        low = least;
        high = first.part();
        best = time(least);
        requireFit(best.trial());
      }
      while (high - low > RESOLUTION) {
        double middle = (low + high) / 2;
        PruningPlan plan = planner.plan(part(middle), align);
        if (plan.blocks().equals(best.trial().plan().blocks())) {
          low = middle;
          continue;
        }
        Point point = time(middle, align, plan);
        if (point.trial().fits()) {
          low = middle;
          best = point;
        } else {
          high = middle;
        }
      }
      return best;
    }

    /** The plan measured once more, at length; a smaller one if it was luck. */
    private Trial tightened(double least, Point best) {
      Trial trial = confirm(best.trial().plan());
      double part = best.part();
      for (int i = 1; !trial.fits() && part > least; i++) {
        double excess = target.limit() / trial.range().high();
        part = i == ATTEMPTS ? least : Math.max(least, part * Math.min(excess, 1 - RESOLUTION));
        trial = confirm(planner.plan(part(part), align));
      }
      requireFit(trial);
      return trial;
    }

    private Trial confirm(PruningPlan plan) {
      progress.accept("confirming the latency of the chosen plan");
      return candidates.time(plan, settings.effort().times(CONFIRMATION), 1);
    }

    private Point time(double part) {
      return time(part, align, planner.plan(part(part), align));
    }

    private Point time(double part, int multiple, PruningPlan plan) {
      progress.accept(
          String.format(
              Locale.ROOT,
              "measuring candidate %d: %.1f %% of the multiply-accumulates, align %d",
              candidates.timed() + 1,
              100 * part,
              multiple));
      return new Point(part, multiple, candidates.time(plan, settings.effort(), 2));
    }

    private void requireFit(Trial smallest) {
      if (!smallest.fits()) {
        throw new ModelException.NothingToPrune(
            Location.of(original),
            String.format(
                Locale.ROOT,
                "the latency of %s cannot be reached: the smallest model that the options allow"
                    + " takes %.3f ms, %.1f to %.1f %% of the original's %.3f ms, with batch %d",
                target,
                smallest.pruned().medianMs(),
                100 * smallest.pruned().ratioRange().low(),
                100 * smallest.pruned().ratioRange().high(),
                smallest.dense().medianMs(),
                smallest.pruned().batch()),
            "raise the target, lower the floors (--min-heads, --min-width, --min-neurons) or"
                + " --align, or exclude less");
      }
    }

    private Found found(Trial trial) {
      return new Found(
          trial.plan(),
          new MeasuredLatency(
              target,
              trial.dense(),
              trial.pruned(),
              candidates.device(),
              settings.threads(),
              align,
              alignments,
              candidates.timed()));
    }
  }
}
