package io.gohsp.selection;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.Factor;
import io.gohsp.cost.Cost;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.stream.Stream;
import io.gohsp.stream.Streams;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what stays: as much as a budget allows, of every kind what scores highest. The result is
 * never over the budget, and never so far below it that one more unit of anything would fit. The
 * same scores and options give the same plan.
 */
public final class PlanSelector {
  /** Halvings of a ratio; finer than any count of units. */
  private static final int HALVINGS = 32;

  private static final double RESOLUTION = Math.scalb(1.0, -HALVINGS);

  private static final Cost NOTHING = new Cost(0, 0, 0, List.of());

  /** What fills up a budget, the finest units first. */
  private static final List<GroupKind> FINEST_FIRST =
      List.of(GroupKind.NEURONS, GroupKind.V, GroupKind.QK, GroupKind.HEADS);

  private final Location location;
  private final SelectionOptions options;
  private final Choices choices;

  /** Those whose scores say how many stay; the same as above unless losses are given. */
  private final Choices weighed;

  private final Allocator allocator;
  private final CandidateCost cost;
  private final AxisAnalysis analysis;
  private final Cost dense;
  private final List<Budget.Limit> limits;

  /**
   * @param original what a budget is a part of: the same model, or without layers that streams get
   * @param narrowed channels that streams keep
   */
  private PlanSelector(
      WorkingModel working,
      WorkingModel original,
      Map<Factor, Integer> narrowed,
      Importance importance,
      SelectionOptions options) {
    this.location = Location.of(working.model());
    this.analysis = working.analysis();
    this.options = options;
    this.choices =
        Choices.of(working.analysis(), working.blocks(), importance)
            .excluding(options.exclude(), working);
    this.weighed =
        options.allocation() != Allocation.KNAPSACK
            ? choices
            : Choices.of(working.analysis(), working.blocks(), losses(options))
                .excluding(options.exclude(), working);
    requireBlocks(working.blocks());
    WishAgreement.require(choices, options);
    requireWidth(options.align());
    Asked asked = new Asked(weighed, options);
    weighed.freeBranches(working, asked, options.allocation() != Allocation.UNIFORM);
    this.allocator = new Allocator(weighed, asked);
    List<Choice> all = weighed.all();
    this.cost = new CandidateCost(working, all, narrowed);
    this.dense =
        options.narrowed().isEmpty()
            ? whole(cost, all)
            : whole(new CandidateCost(original, all, Map.of()), all);
    this.limits = options.budget() == null ? List.of() : options.budget().limits();
    List<Cost> saved = cost.savings();
    for (int i = 0; i < all.size(); i++) {
      all.get(i).setUnitCost(price(saved.get(i)));
    }
  }

  private static Cost whole(CandidateCost cost, List<Choice> all) {
    return cost.of(all.stream().mapToInt(Choice::units).toArray());
  }

  /**
   * Selects what each block keeps.
   *
   * @param working the model with what is known about it; constants that it copied count only where
   *     they are cut
   * @param importance scores of its blocks
   * @param provenance what the plan is to say about where it comes from
   * @throws ModelException.NothingToPrune if nothing can be removed, or not as much as the budget
   *     asks for
   * @throws InvalidOption if an exclusion matches nothing, or a knapsack has nothing to weigh
   */
  public static PruningPlan select(
      WorkingModel working,
      Importance importance,
      SelectionOptions options,
      Map<String, String> provenance) {
    Streams streams = options.narrowed().isEmpty() ? null : Streams.of(working);
    WorkingModel model = // with layers they get
        streams == null ? working : streams.counted(options.narrowed().keySet());
    PlanSelector selector =
        new PlanSelector(model, working, narrowed(streams, options), importance, options);
    if (selector.limits.size() > 1) {
      for (Budget.Limit limit : selector.limits) {
        // What is best under one limit is best under all if it meets them.
        PruningPlan alone = select(working, importance, options.with(limit), provenance);
        if (selector.allows(selector.cost(alone), NOTHING)) {
          return alone;
        }
      }
    }
    Map<Choice, Integer> counts = selector.counts();
    PruningPlan plan = selector.chosen(counts, provenance);
    return working.copies().isEmpty() ? plan : selector.refilled(plan, counts);
  }

  private static Map<Factor, Integer> narrowed(
      @Nullable Streams streams, SelectionOptions options) {
    Map<Factor, Integer> channels = new LinkedHashMap<>();
    if (streams != null) {
      for (Stream stream : streams.all()) {
        Integer kept = options.narrowed().get(stream.name());
        if (kept != null) {
          channels.put(stream.factor(), kept);
        }
      }
    }
    return channels;
  }

  private static Importance losses(SelectionOptions options) {
    if (options.losses() == null) {
      throw new InvalidOption(
          "--allocation knapsack needs data to measure on: give some (--data), or choose uniform or"
              + " global");
    }
    return options.losses();
  }

  /** So many of everything, which by the method's own scores. */
  private PruningPlan chosen(Map<Choice, Integer> counts, Map<String, String> provenance) {
    List<Integer> numbers = List.copyOf(counts.values());
    Map<Choice, Integer> own = new LinkedHashMap<>();
    for (Choice choice : choices.all()) {
      own.put(choice, numbers.get(own.size()));
    }
    return ChosenPlan.of(choices, own, provenance);
  }

  /**
   * Selects as much of everything as a plan keeps, by other scores.
   *
   * @param plan of this model
   * @throws ModelException.BadPlan if the plan does not fit the model
   */
  public static PruningPlan reselect(
      WorkingModel working, Importance importance, PruningPlan plan) {
    return reselect(working, importance, plan, (kind, all, kept) -> kept);
  }

  /** How many units of something stay. */
  @FunctionalInterface
  public interface Counts {
    /**
     * @param all there are
     * @param kept by a plan
     * @return at least 1
     */
    int of(GroupKind kind, int all, int kept);
  }

  /**
   * Selects more or less of everything than a plan keeps.
   *
   * @param plan of this model
   * @throws ModelException.BadPlan if the plan does not fit the model
   */
  public static PruningPlan reselect(
      WorkingModel working, Importance importance, PruningPlan plan, Counts wanted) {
    Choices choices = Choices.of(working.analysis(), working.blocks(), importance);
    Keeps keeps = PlanResolver.resolve(plan, working.blocks(), Location.of(working.model()));
    Map<Choice, Integer> counts = new LinkedHashMap<>();
    for (Choice choice : choices.all()) {
      Keep keep = keeps.byFactor().get(choice.factor());
      int kept = keep == null ? choice.units() : keep.count();
      counts.put(choice, wanted.of(choice.kind(), choice.units(), kept));
    }
    return ChosenPlan.of(choices, counts, plan.provenance());
  }

  /** A wish for no block at all was meant for one, and one for a missing part for another. */
  private void requireBlocks(List<Block> blocks) {
    for (BlockWish wish : options.wishes()) {
      List<Block> matched =
          blocks.stream().filter(block -> wish.blocks().matches(block.name())).toList();
      if (matched.isEmpty()) {
        throw new InvalidOption(
            "a wish is for \"%s\", which matches no block; blocks are called %s"
                .formatted(
                    wish.blocks().text(), blocks.stream().limit(3).map(Block::name).toList()));
      }
      if (wish.blocks().isPattern() && matched.size() == blocks.size()) {
        continue; // of all blocks, as far as they have it
      }
      for (GroupKind kind : wish.kinds()) {
        if (matched.stream().noneMatch(kind::isIn)) {
          throw new InvalidOption(
              "a wish is for %s of \"%s\", which has no %s; leave it out, or wish it for another block"
                  .formatted(kind.label(), wish.blocks().text(), kind.part()));
        }
      }
    }
  }

  /** An alignment that no width reaches would keep all widths whole without a word. */
  private void requireWidth(int align) {
    int widest =
        weighed.all().stream()
            .filter(choice -> choice.kind() != GroupKind.HEADS)
            .mapToInt(choice -> choice.units() * choice.positionsPerUnit())
            .max()
            .orElse(0);
    if (align > 1 && widest > 0 && align > widest) {
      throw new InvalidOption(
          "--align " + align + " is more than the widest axis has; give " + widest + " or less");
    }
  }

  /**
   * What something costs, in one number: of several limits the sum of its parts of each, so that
   * what is scarce is dear.
   */
  private double price(Cost some) {
    if (limits.size() < 2) {
      return limits.isEmpty() ? some.params() : limits.get(0).spent(some);
    }
    return limits.stream()
        .mapToDouble(limit -> (double) limit.spent(some) / Math.max(1, limit.limit(dense)))
        .sum();
  }

  private Cost spent(Map<Choice, Integer> counts) {
    return cost.of(counts.values().stream().mapToInt(count -> count).toArray());
  }

  /** What a plan of this model costs, and constants that are cut alike once. */
  private Cost cost(PruningPlan plan) {
    Keeps keeps = keeps(plan);
    int[] counts =
        choices.all().stream()
            .mapToInt(
                choice -> {
                  Keep keep = keeps.byFactor().get(choice.factor());
                  return keep == null ? choice.units() : keep.count();
                })
            .toArray();
    Cost merged = cost.mergedByChance(keeps);
    Cost all = cost.of(counts);
    return new Cost(
        all.params() - merged.params(),
        all.embeddings() - merged.embeddings(),
        all.macs() - merged.macs(),
        all.bytes() - merged.bytes(),
        all.uncounted());
  }

  /**
   * Whether all limits are met.
   *
   * @param spare what may be spent beyond them
   */
  private boolean allows(Cost some, Cost spare) {
    return limits.stream()
        .allMatch(limit -> limit.spent(some) <= limit.limit(dense) + limit.spent(spare));
  }

  private boolean fits(Map<Choice, Integer> counts) {
    return allows(spent(counts), NOTHING);
  }

  private Map<Choice, Integer> counts() {
    if (weighed.all().stream().noneMatch(this::mayShrink)) {
      if (!options.narrowed().isEmpty() && options.budget() == null) {
        return allocator.counts(1, 1); // streams alone
      }
      throw whyNot().nothingPrunable(); // also where nothing would have to go
    }
    Map<Choice, Integer> most = allocator.counts(1, 1);
    if (fits(most)) {
      return most; // nothing has to go but what shares ask for
    }
    Map<Choice, Integer> fewest = allocator.counts(0, 0);
    Cost least = spent(fewest);
    for (Budget.Limit limit : limits) {
      if (limit.spent(least) > limit.limit(dense)) {
        throw whyNot().unreachable(limit, dense, limit.spent(least));
      }
    }
    double both = largest(0, ratio -> allocator.counts(ratio, ratio));
    if (options.allocation() == Allocation.KNAPSACK) {
      Map<Choice, Integer> counts = allocator.counts(both, both);
      fill(counts, NOTHING);
      return counts;
    }
    // One ratio for all; what its steps leave over goes to the neurons.
    double attention = both;
    double neurons = largest(both, ratio -> allocator.counts(both, ratio));
    if (neurons == 1) {
      // They are too few to take it all: attention takes the next step up, and neurons make room
      // for it.
      double enough = largest(both, ratio -> allocator.counts(ratio, 1));
      double above = Math.min(1, enough + 2 * RESOLUTION);
      boolean fits = fits(allocator.counts(above, 0));
      attention = fits ? above : enough;
      neurons = fits ? largest(0, ratio -> allocator.counts(above, ratio)) : 1;
    }
    Map<Choice, Integer> counts = allocator.counts(attention, neurons);
    fill(counts, NOTHING);
    return counts;
  }

  /**
   * Spends what was set aside for copies of constants that turn out to be cut alike, and so stay
   * one constant.
   */
  private PruningPlan refilled(PruningPlan plan, Map<Choice, Integer> counts) {
    Cost spare = cost.mergedByChance(keeps(plan));
    boolean none = limits.stream().allMatch(limit -> limit.spent(spare) == 0);
    if (none || plan.isEmpty()) {
      return plan;
    }
    Map<Choice, Integer> more = new LinkedHashMap<>(counts);
    fill(more, spare);
    PruningPlan fuller = chosen(more, plan.provenance());
    return allows(spent(more), cost.mergedByChance(keeps(fuller))) ? fuller : plan;
  }

  private WhyNot whyNot() {
    return new WhyNot(location, analysis, options, choices, weighed, allocator);
  }

  private Keeps keeps(PruningPlan plan) {
    return PlanResolver.resolve(plan, choices.blocks(), location);
  }

  private boolean mayShrink(Choice choice) {
    CountRange range = allocator.range(choice);
    return range.least() < range.most()
        && (options.budget() != null || allocator.share(choice) != null);
  }

  /** The largest ratio from {@code low} (where it is met) to 1 at which the budget is met. */
  private double largest(double low, DoubleFunction<Map<Choice, Integer>> at) {
    if (fits(at.apply(1))) {
      return 1;
    }
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double mid = (low + high) / 2;
      if (fits(at.apply(mid))) {
        low = mid;
      } else {
        high = mid;
      }
    }
    return low;
  }

  /**
   * Adds units until none fits. The last one of a choice may make room again: constants that were
   * cut apart are one.
   */
  private void fill(Map<Choice, Integer> counts, Cost spare) {
    Map<Choice, Integer> before;
    do {
      before = new LinkedHashMap<>(counts);
      FINEST_FIRST.forEach(kind -> fill(kind, counts, spare));
    } while (!counts.equals(before));
  }

  /**
   * Adds unit by unit as long as one fits: spread evenly or, with one threshold for all, the most
   * worthy first.
   */
  private void fill(GroupKind kind, Map<Choice, Integer> counts, Cost spare) {
    List<Choice> open = new ArrayList<>();
    Map<Choice, double[]> worth = new LinkedHashMap<>();
    for (Choice choice : weighed.all()) {
      if (choice.kind() == kind
          && allocator.isOpen(choice)
          && counts.get(choice) < choice.units()) {
        open.add(choice);
        worth.put(choice, allocator.worth(choice, counts));
      }
    }
    Map<Choice, Integer> added = new LinkedHashMap<>();
    while (!open.isEmpty()) {
      Choice next = open.get(0);
      for (Choice choice : open) {
        if (comesBefore(choice, next, added, worth, counts)) {
          next = choice;
        }
      }
      int before = counts.get(next);
      counts.put(next, allocator.range(next).next(before));
      if (!allows(spent(counts), spare)) {
        counts.put(next, before);
        open.remove(next); // the rest only shrinks: what does not fit now will not fit later
      } else {
        added.merge(next, 1, Integer::sum);
        if (counts.get(next) == next.units()) {
          open.remove(next);
        }
      }
    }
  }

  private boolean comesBefore(
      Choice a,
      Choice b,
      Map<Choice, Integer> added,
      Map<Choice, double[]> worth,
      Map<Choice, Integer> counts) {
    int addedToA = added.getOrDefault(a, 0);
    int addedToB = added.getOrDefault(b, 0);
    if (options.allocation() == Allocation.UNIFORM && addedToA != addedToB) {
      return addedToA < addedToB;
    }
    return worth.get(a)[counts.get(a)] > worth.get(b)[counts.get(b)];
  }
}
