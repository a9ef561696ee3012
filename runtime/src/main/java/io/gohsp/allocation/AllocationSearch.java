package io.gohsp.allocation;

import io.gohsp.ir.ModelException;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.GroupKind;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import io.gohsp.plan.SelectionOptions.Allocation;
import io.gohsp.plan.Share;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Spreads a budget over the kinds of groups by what that costs the model. Our choice [C]; the
 * source prunes all kinds alike.
 *
 * <p>Scores of different kinds cannot be compared (METHOD.md section 2), but models can. The search
 * begins with the plan that prunes all kinds alike. It changes what one kind keeps in every layer
 * by an eighth of its units, or by one where an eighth is less, while one kind, the neurons where
 * they are pruned at all, takes up the difference to the budget. It goes on that way as long as the
 * model gets better, then with the next kind, until no change of any kind helps. What has a share
 * keeps it. Each plan is measured once; on a vision transformer that makes 10 to 30 measurements.
 */
public final class AllocationSearch implements Planner {
  /** Parts that a kind's share is changed by. */
  private static final int PARTS = 8;

  /** What takes up the difference to the budget: the finest kind that is pruned. */
  private static final List<GroupKind> FINEST_FIRST =
      List.of(GroupKind.NEURONS, GroupKind.V, GroupKind.QK, GroupKind.HEADS);

  private final Planner planner;
  private final ToDoubleFunction<PruningPlan> loss;
  private final Consumer<String> progress;

  /**
   * @param planner makes plans of given shares
   * @param loss of a plan; the least is best
   * @param progress is told what is being done
   */
  public AllocationSearch(
      Planner planner, ToDoubleFunction<PruningPlan> loss, Consumer<String> progress) {
    this.planner = planner;
    this.loss = loss;
    this.progress = progress;
  }

  /** Searches if the options leave something to find; else what the planner says. */
  @Override
  public PruningPlan plan(@Nullable SelectionOptions options) {
    if (options == null
        || options.budget() == null
        || options.allocation() != Allocation.MEASURED) {
      return planner.plan(options);
    }
    return new Run(options.with(Allocation.UNIFORM)).search();
  }

  /** One search. */
  private final class Run {
    private final SelectionOptions options;
    private final PruningPlan alike;

    /** The kinds that are pruned and have no share of their own, the finest first. */
    private final List<GroupKind> pruned;

    private final Map<List<BlockPlan>, Double> measured = new HashMap<>();

    Run(SelectionOptions options) {
      this.options = options;
      alike = planner.plan(options);
      pruned =
          FINEST_FIRST.stream()
              .filter(kind -> options.share(kind) == null && kept(kind, alike) < 1)
              .toList();
    }

    /** The kinds whose shares are searched; the finest makes up for them. */
    private List<GroupKind> open() {
      return pruned.stream().skip(1).sorted().toList();
    }

    /**
     * A plan and what it costs the model.
     *
     * @param parts that kinds keep, of {@link #PARTS}
     */
    private record Trial(Map<GroupKind, Integer> parts, PruningPlan plan, double loss) {}

    PruningPlan search() {
      if (pruned.size() < 2) {
        return alike;
      }
      Map<GroupKind, Integer> parts = new EnumMap<>(GroupKind.class);
      for (GroupKind kind : open()) {
        parts.put(kind, Math.max(1, (int) Math.round(kept(kind, alike) * PARTS)));
      }
      Trial best = improved(new Trial(parts, alike, measure(alike)));
      // Where every kind's share rounds to all of it, there may be no better neighbour of that.
      PruningPlan rounded = best.plan().equals(alike) ? plan(parts) : null;
      if (rounded != null && measure(rounded) < best.loss()) {
        best = improved(new Trial(parts, rounded, measure(rounded)));
      }
      return best.plan();
    }

    /** Until no change of any kind helps. */
    private Trial improved(Trial from) {
      Trial best = from;
      Trial before;
      do {
        before = best;
        for (GroupKind kind : open()) {
          Trial more = climb(best, kind, 1);
          best = more.loss() < best.loss() ? more : climb(best, kind, -1);
        }
      } while (best.loss() < before.loss());
      return best;
    }

    /** Keeps more and more of a kind, or less and less, as long as that helps. */
    private Trial climb(Trial from, GroupKind kind, int step) {
      Trial best = from;
      Map<GroupKind, Integer> parts = new EnumMap<>(from.parts());
      while (true) {
        int next = parts.get(kind) + step;
        if (next < 1 || next > PARTS) {
          return best;
        }
        parts.put(kind, next);
        PruningPlan plan = plan(parts);
        if (plan == null) {
          return best;
        }
        if (plan.blocks().equals(best.plan().blocks())) {
          continue; // less than a unit
        }
        double its = measure(plan);
        if (!(its < best.loss())) {
          return best;
        }
        best = new Trial(new EnumMap<>(parts), plan, its);
      }
    }

    private double measure(PruningPlan plan) {
      Double known = measured.get(plan.blocks());
      if (known == null) {
        progress.accept("trying to spread the budget, plan " + (measured.size() + 1));
        known = loss.applyAsDouble(plan);
        measured.put(plan.blocks(), known);
      }
      return known;
    }

    /** Null if what is left cannot meet the budget, or would not use it up. */
    private @Nullable PruningPlan plan(Map<GroupKind, Integer> parts) {
      SelectionOptions shares = options;
      for (Map.Entry<GroupKind, Integer> part : parts.entrySet()) {
        shares = shares.with(part.getKey(), new Share.Percent(100.0 * part.getValue() / PARTS));
      }
      try {
        PruningPlan plan = planner.plan(shares);
        return kept(pruned.get(0), plan) < 1 ? plan : null;
      } catch (ModelException.NothingToPrune | InvalidOption unreachable) {
        return null;
      }
    }
  }

  /**
   * The part of its units that a kind keeps where it is pruned at all, in what stays of those
   * blocks; 1 if it is nowhere.
   */
  private static double kept(GroupKind kind, PruningPlan plan) {
    long all = 0;
    long kept = 0;
    for (BlockPlan block : plan.blocks()) {
      Units units = Units.of(kind, block);
      all += units.all();
      kept += units.kept();
    }
    return all == 0 ? 1 : (double) kept / all;
  }

  /** Units of a kind in a block; of columns those of heads that stay. */
  private record Units(long all, long kept) {
    private static final Units NONE = new Units(0, 0);

    static Units of(GroupKind kind, BlockPlan block) {
      return switch (kind) {
        case HEADS -> of(block.heads(), block.headsKept());
        case QK -> columns(block.qkWidth(), block.qkKept());
        case V -> columns(block.vWidth(), block.vKept());
        case NEURONS -> of(block.neurons(), block.neuronsKept());
      };
    }

    private static Units of(@Nullable Integer all, @Nullable List<Integer> kept) {
      return all == null || kept == null ? NONE : new Units(all, kept.size());
    }

    private static Units columns(@Nullable Integer width, @Nullable List<List<Integer>> kept) {
      return width == null || kept == null
          ? NONE
          : new Units((long) kept.size() * width, kept.stream().mapToLong(List::size).sum());
    }
  }
}
