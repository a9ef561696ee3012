package io.gohsp.selection;

import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.vit.AttentionPart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says how many units every choice keeps for a ratio of what attention keeps, and one of what MLPs
 * keep. With {@link Allocation#KNAPSACK} a ratio stands for the multiplier that leaves so many of
 * all units: whatever is worth more for its cost stays. Otherwise an attention keeps its ratio of
 * all its columns: the heads' part is the square root of it, the columns of a head make up the
 * rest, so that both kinds lose about alike.
 */
final class Allocator {
  private final Choices choices;
  private final Asked asked;
  private final SelectionOptions options;
  private final Map<Choice, CountRange> ranges = new LinkedHashMap<>();

  /** By choice, and by how many of the heads that its columns belong to stay. */
  private final Map<Choice, Map<List<Integer>, double[]>> worth = new HashMap<>();

  private final Map<GroupKind, double[]> sortedWorth = new EnumMap<>(GroupKind.class);

  /** Of all units that the budget decides about, where all heads stay; rising. */
  private double @Nullable [] worthOfAll;

  Allocator(Choices choices, Asked asked) {
    this.choices = choices;
    this.asked = asked;
    this.options = asked.options();
    choices
        .all()
        .forEach(choice -> ranges.put(choice, CountRange.of(choice, options, asked.floor(choice))));
  }

  CountRange range(Choice choice) {
    return ranges.get(choice);
  }

  /** Whether the budget decides about the choice. */
  boolean isOpen(Choice choice) {
    return choice.isFree() && share(choice) == null && options.budget() != null;
  }

  /** The share asked for; null if the budget decides. */
  @Nullable Share share(Choice choice) {
    return asked.share(choice);
  }

  /**
   * Units that stay, by choice; at (0, 0) the fewest, at (1, 1) all but for the shares asked for.
   */
  Map<Choice, Integer> counts(double attention, double neurons) {
    Map<Choice, Integer> counts = new LinkedHashMap<>();
    for (Choice choice : choices.all()) {
      Integer stated = stated(choice);
      counts.put(choice, stated == null ? choice.units() : stated);
    }
    if (options.allocation() == Allocation.KNAPSACK) {
      knapsack(attention, neurons, counts);
      return counts;
    }
    for (GroupKind kind : GroupKind.values()) {
      List<Choice> undecided =
          choices.all().stream().filter(c -> c.kind() == kind && stated(c) == null).toList();
      if (undecided.isEmpty()) {
        continue;
      }
      if (share(undecided.get(0)) instanceof Share.Percent share) {
        threshold(kind, undecided, share.percent() / 100, counts);
      } else if (options.allocation() != Allocation.GLOBAL) {
        undecided.forEach(
            choice ->
                counts.put(
                    choice,
                    range(choice)
                        .nearest(
                            ratio(List.of(choice), attention, neurons, counts) * choice.units())));
      } else {
        threshold(kind, undecided, ratio(undecided, attention, neurons, counts), counts);
      }
    }
    return counts;
  }

  /** Heads are settled before columns, whose worth and cost are those of the heads that stay. */
  private void knapsack(double attention, double neurons, Map<Choice, Integer> counts) {
    if (worthOfAll == null) {
      worthOfAll =
          choices.all().stream()
              .filter(choice -> stated(choice) == null)
              .flatMapToDouble(choice -> Arrays.stream(worth(choice, counts)))
              .sorted()
              .toArray();
    }
    for (GroupKind kind : GroupKind.values()) {
      double multiplier = multiplier(kind == GroupKind.NEURONS ? neurons : attention);
      for (Choice choice : choices.all()) {
        if (choice.kind() == kind && stated(choice) == null) {
          int kept = countAbove(worth(choice, counts), multiplier);
          counts.put(choice, range(choice).nearest(kept));
        }
      }
    }
  }

  /** What is worth as much or less for its cost goes, so that about a ratio of all units stays. */
  private double multiplier(double ratio) {
    double[] all = Objects.requireNonNull(worthOfAll);
    int gone = all.length - (int) Math.round(ratio * all.length);
    return gone == 0 ? Double.NEGATIVE_INFINITY : all[gone - 1];
  }

  /** The number that is settled whatever the ratios; null if there is none. */
  private @Nullable Integer stated(Choice choice) {
    Share share = share(choice);
    if (!choice.isFree() || (share == null && options.budget() == null)) {
      return choice.units();
    }
    if (share == null
        || (share instanceof Share.Percent
            && options.allocation() == Allocation.GLOBAL
            && asked.wish(choice) == null)) {
      return null;
    }
    return range(choice).atLeast(choice.unitsFor(share.of(choice.members().get(0).axis().size())));
  }

  /**
   * The part of their units that choices of one kind keep together; heads are settled before
   * columns.
   */
  private double ratio(
      List<Choice> some, double attention, double neurons, Map<Choice, Integer> counts) {
    GroupKind kind = some.get(0).kind();
    if (kind == GroupKind.NEURONS) {
      return neurons;
    }
    double all = 0;
    double kept = 0;
    boolean columns = false;
    for (Choice choice : some) {
      for (Choice.Member member : choice.members()) {
        AttentionPart part = member.attention();
        if (part != null) {
          Choice heads = choices.of(part.heads());
          columns |= isOpenColumn(choices.of(part.qk())) || isOpenColumn(choices.of(part.v()));
          all += part.headCount();
          kept +=
              heads == null
                  ? part.headCount()
                  : part.headCount() * (double) counts.get(heads) / heads.units();
        }
      }
    }
    if (kind.isColumns()) {
      return Math.min(1, attention * all / kept);
    }
    if (!columns) {
      return attention;
    }
    // So many heads that, all columns kept, they would be enough.
    double units = some.stream().mapToInt(Choice::units).sum();
    double enough = Math.ceil(attention * units - 1e-9) / units;
    return Math.max(enough, Math.sqrt(attention));
  }

  private boolean isOpenColumn(@Nullable Choice choice) {
    return choice != null && isOpen(choice);
  }

  /** Keeps the units worth most over all choices, of equally good ones the first. */
  private void threshold(
      GroupKind kind, List<Choice> some, double ratio, Map<Choice, Integer> counts) {
    double[] sorted = sorted(kind, some, counts);
    int keep = (int) Math.round(ratio * sorted.length);
    double least = keep == 0 ? Double.POSITIVE_INFINITY : sorted[sorted.length - keep];
    int ties = keep;
    Map<Choice, Integer> above = new LinkedHashMap<>();
    for (Choice choice : some) {
      int count = keep == 0 ? 0 : countAbove(worth(choice, counts), least);
      above.put(choice, count);
      ties -= count;
    }
    for (Choice choice : some) {
      double[] own = worth(choice, counts);
      int count = above.get(choice);
      while (ties > 0 && count < own.length && own[count] == least) {
        count++;
        ties--;
      }
      counts.put(choice, range(choice).nearest(count));
    }
  }

  private static int countAbove(double[] falling, double least) {
    int low = 0;
    int high = falling.length;
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (falling[mid] > least) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low;
  }

  private double[] sorted(GroupKind kind, List<Choice> some, Map<Choice, Integer> counts) {
    double[] known = kind.isColumns() ? null : sortedWorth.get(kind);
    if (known == null) {
      List<double[]> all = new ArrayList<>();
      some.forEach(choice -> all.add(worth(choice, counts)));
      known = all.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
      if (!kind.isColumns()) {
        sortedWorth.put(kind, known);
      }
    }
    return known;
  }

  /** As {@link Choice#worth}; that of columns changes with the heads that stay. */
  double[] worth(Choice choice, Map<Choice, Integer> counts) {
    List<Integer> heads =
        choice.kind().isColumns() ? choices.headCounts(choice, counts) : List.of();
    return worth
        .computeIfAbsent(choice, c -> new HashMap<>())
        .computeIfAbsent(heads, h -> choice.worth(choices.headsKept(choice, counts)));
  }
}
