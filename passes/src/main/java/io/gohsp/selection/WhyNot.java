package io.gohsp.selection;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.cost.Cost;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.selection.SelectionOptions.Floors;
import io.gohsp.vit.TransformerRecognizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Why nothing can be chosen, or not as little as a budget asks for, and what to do about it.
 *
 * @param choices what there is to choose
 * @param weighed the same, by the scores that say how many stay
 */
record WhyNot(
    Location location,
    AxisAnalysis analysis,
    SelectionOptions options,
    Choices choices,
    Choices weighed,
    Allocator allocator) {

  ModelException.NothingToPrune nothingPrunable() {
    if (choices.blocks().isEmpty()) {
      return TransformerRecognizer.nothingFound(location, analysis);
    }
    return new ModelException.NothingToPrune(
        location, "nothing can be pruned" + because(), wayOut());
  }

  /** What the user can change: options if it is they that leave nothing, otherwise the model. */
  private String wayOut() {
    List<String> ways = new ArrayList<>();
    if (weighed.all().stream().anyMatch(c -> Choices.EXCLUDED.equals(c.reasonToKeep()))) {
      ways.add("exclude less");
    }
    if (options.budget() == null && choices.all().stream().anyMatch(c -> c.kinds().size() > 1)) {
      ways.add("give --qk and --v the same share");
    }
    List<Choice> bounded =
        weighed.all().stream()
            .filter(c -> c.isFree() && allocator.range(c).least() == c.units() && c.units() > 1)
            .toList();
    if (!bounded.isEmpty()) {
      ways.add(
          "lower the floors (--min-heads, --min-width, --min-neurons)"
              + (options.align() > 1 ? " or --align" : ""));
    }
    return ways.isEmpty() ? "inspect the model to see every reason" : String.join(", ", ways);
  }

  /**
   * @param dense what everything costs
   * @param least what cannot go costs
   */
  ModelException.NothingToPrune unreachable(Budget.Limit limit, Cost dense, long least) {
    return new ModelException.NothingToPrune(
        location,
        String.format(
            Locale.ROOT,
            "the budget of %,d %s cannot be reached: at least %,d of %,d stay%s",
            limit.limit(dense),
            limit.unit(),
            least,
            limit.spent(dense),
            because()),
        "raise the budget, lower the floors (--min-heads, --min-width, --min-neurons), or exclude less",
        least);
  }

  /** What keeps the cost up, as far as it is known. */
  private String because() {
    List<String> reasons = new ArrayList<>();
    Set<String> stated = new LinkedHashSet<>();
    Map<String, List<Choice>> kept = new LinkedHashMap<>();
    for (Choice choice : weighed.all()) {
      Share share = allocator.share(choice);
      if (choice.reasonToKeep() != null) {
        kept.computeIfAbsent(choice.reasonToKeep(), r -> new ArrayList<>()).add(choice);
      } else if (share != null) {
        stated.add(share + " " + choice.kind().label() + " are asked for");
      } else if (choice.kinds().stream().anyMatch(kind -> options.share(kind) != null)) {
        kept.computeIfAbsent(
                "are query-key and value columns at once, and only one of both has a share",
                r -> new ArrayList<>())
            .add(choice);
      }
    }
    kept.remove("cannot be removed"); // told in detail below
    kept.forEach(
        (reason, some) ->
            reasons.add(
                some.get(0)
                    + (some.size() > 1 ? " and " + (some.size() - 1) + " more" : "")
                    + ": "
                    + reason));
    reasons.addAll(stated);
    Floors floors = options.floors();
    if (!floors.equals(Floors.ONE) && !floors.equals(Floors.FREE_BRANCHES)) {
      reasons.add(
          "at least "
              + floors.heads()
              + " heads of "
              + floors.headWidth()
              + " columns and "
              + floors.neurons()
              + " neurons stay in every layer");
    }
    if (options.align() > 1) {
      reasons.add("widths stay multiples of " + options.align());
    }
    String obstacles = choices.commonestObstacles();
    if (!obstacles.isEmpty()) {
      reasons.add(obstacles);
    }
    return reasons.isEmpty() ? "" : "; " + String.join("; ", reasons);
  }
}
