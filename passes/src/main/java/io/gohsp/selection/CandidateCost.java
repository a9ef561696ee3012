package io.gohsp.selection;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Factor;
import io.gohsp.branch.BranchExit;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.cost.CostTerm;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a model would cost if some factors kept fewer units. Exact: it is the model's own cost under
 * the extents that the layouts then have. Fast: terms that depend on the same factors are counted
 * together, once for each combination of counts.
 */
final class CandidateCost {
  private static final Cost NOTHING = new Cost(0, 0, 0, List.of());

  /** What a constant is a copy of, if it is one. */
  private final Map<Value, Value> copies;

  /** Terms that depend on the same factors, given by their indices. */
  private record Group(
      List<Integer> factors, List<CostTerm> terms, Map<List<Integer>, Cost> known) {}

  private final ShapeFacts facts;
  private final AxisAnalysis analysis;
  private final Map<Factor, Integer> indices = new LinkedHashMap<>();
  private final Map<Factor, Integer> narrowed;
  private final GoneWithBranches gone;
  private final Collection<Group> groups;

  /**
   * @param working constants that it copied will be one with another again unless one of the two is
   *     cut
   * @param choices whose counts will vary; 0 units stand for a branch that goes
   * @param narrowed channels that residual streams keep
   */
  CandidateCost(WorkingModel working, List<Choice> choices, Map<Factor, Integer> narrowed) {
    this.narrowed = narrowed;
    Model model = working.model();
    this.copies = working.copies();
    this.facts = working.facts();
    this.analysis = working.analysis();
    Map<Factor, BranchExit> exits = new LinkedHashMap<>();
    for (Choice choice : choices) {
      indices.put(choice.factor(), indices.size());
      if (choice.exit() != null) {
        exits.put(choice.factor(), choice.exit());
      }
    }
    this.gone = GoneWithBranches.of(model, exits);
    Map<List<Integer>, Group> byFactors = new LinkedHashMap<>();
    for (CostTerm term : CostModel.terms(model, facts)) {
      List<Integer> key = List.copyOf(factorsOf(term));
      byFactors
          .computeIfAbsent(key, k -> new Group(k, new ArrayList<>(), new HashMap<>()))
          .terms()
          .add(term);
    }
    groups = byFactors.values();
  }

  private Set<Integer> factorsOf(CostTerm term) {
    Set<Integer> all = new TreeSet<>();
    for (Value value : valuesOf(term)) {
      List<AxisLayout> layouts = analysis.layout(value);
      if (layouts != null) {
        layouts.stream()
            .flatMap(AxisLayout::factors)
            .filter(indices::containsKey)
            .forEach(f -> all.add(indices.get(f)));
      }
      gone.with(value).forEach(f -> all.add(indices.get(f)));
    }
    gone.with(term).forEach(f -> all.add(indices.get(f)));
    return all;
  }

  /** Whether all branches are gone without which something is not read. */
  private boolean isGone(Set<Factor> branches, int[] counts) {
    return !branches.isEmpty()
        && branches.stream().allMatch(factor -> counts[indices.get(factor)] == 0);
  }

  private List<Value> valuesOf(CostTerm term) {
    if (term instanceof CostTerm.Params params && copies.containsKey(params.weight().value())) {
      return List.of(params.weight().value(), copies.get(params.weight().value()));
    }
    return term.values();
  }

  /**
   * Whether a copy and its original stay equal: they are cut alike, or not at all. Two that are cut
   * apart may still turn out equal, by the choice of the same positions; that is not foreseen.
   */
  private boolean isMergedAgain(CostTerm term, int[] counts) {
    if (!(term instanceof CostTerm.Params params) || !copies.containsKey(params.weight().value())) {
      return false;
    }
    Value copy = params.weight().value();
    Value original = copies.get(copy);
    if (isGone(gone.with(original), counts)) {
      return false;
    }
    return Objects.equals(analysis.layout(copy), analysis.layout(original))
        || valuesOf(term).stream().allMatch(v -> Objects.equals(shape(v, counts), facts.shape(v)));
  }

  /** What one unit less of each factor saves where all others are whole. */
  List<Cost> savings() {
    int[] units = indices.keySet().stream().mapToInt(Factor::count).toArray();
    List<List<Group>> dependent = new ArrayList<>();
    for (int i = 0; i < units.length; i++) {
      dependent.add(new ArrayList<>());
    }
    groups.forEach(group -> group.factors().forEach(i -> dependent.get(i).add(group)));
    List<Cost> saved = new ArrayList<>();
    for (int i = 0; i < units.length; i++) {
      List<Group> some = dependent.get(i); // no other costs less
      Cost dense = of(some, units);
      // Not from the last unit on: the first one that goes may turn one shared constant into two.
      int whole = units[i];
      units[i] = Math.max(1, whole - 1);
      Cost fewer = of(some, units);
      units[i] = Math.max(1, whole - 2);
      Cost fewest = of(some, units);
      units[i] = whole;
      saved.add(whole > 2 ? difference(fewer, fewest) : difference(dense, fewer));
    }
    return saved;
  }

  private static Cost difference(Cost more, Cost less) {
    return new Cost(
        more.params() - less.params(),
        more.macs() - less.macs(),
        more.bytes() - less.bytes(),
        List.of());
  }

  /** The cost where the factors, in the order of the choices, keep this many units. */
  Cost of(int[] counts) {
    Cost sum = of(groups, counts);
    for (Map.Entry<Factor, Cost> left : gone.constants().entrySet()) {
      if (counts[indices.get(left.getKey())] == 0) {
        sum = sum.plus(left.getValue());
      }
    }
    return sum;
  }

  private Cost of(Collection<Group> some, int[] counts) {
    Cost sum = NOTHING;
    for (Group group : some) {
      List<Integer> key = new ArrayList<>(group.factors().size());
      for (int factor : group.factors()) {
        key.add(counts[factor]);
      }
      Cost cost = group.known().get(key);
      if (cost == null) {
        cost = count(group, counts);
        group.known().put(key, cost);
      }
      sum = sum.plus(cost);
    }
    return sum;
  }

  /**
   * What was counted for copies although they are cut at the same positions as their originals.
   *
   * @param keeps what stays of every factor
   */
  Cost mergedByChance(Keeps keeps) {
    Cost sum = NOTHING;
    int[] counts = new int[indices.size()];
    indices.forEach(
        (factor, index) -> {
          Keep keep = keeps.byFactor().get(factor);
          counts[index] = keep == null ? factor.count() : keep.count();
        });
    for (Group group : groups) {
      for (CostTerm term : group.terms()) {
        if (term instanceof CostTerm.Params one && copies.containsKey(one.weight().value())) {
          List<AxisLayout> copy = analysis.layout(one.weight().value());
          List<AxisLayout> original = analysis.layout(copies.get(one.weight().value()));
          if (copy != null
              && original != null
              && !isGone(gone.with(term), counts)
              && !isGone(gone.with(copies.get(one.weight().value())), counts)
              && !isMergedAgain(term, counts)
              && keeps.selection(copy).equals(keeps.selection(original))) {
            sum = sum.plus(term.cost(value -> shape(value, counts)));
          }
        }
      }
    }
    return sum;
  }

  private Cost count(Group group, int[] counts) {
    Cost sum = NOTHING;
    for (CostTerm term : group.terms()) {
      if (isMergedAgain(term, counts) || isGone(gone.with(term), counts)) {
        continue;
      }
      sum = sum.plus(term.cost(value -> shape(value, counts)));
    }
    return sum;
  }

  private @Nullable List<Size> shape(Value value, int[] counts) {
    List<AxisLayout> layouts = analysis.layout(value);
    if (layouts == null) {
      return facts.shape(value);
    }
    List<Size> shape = new ArrayList<>(layouts.size());
    for (AxisLayout layout : layouts) {
      shape.add(size(layout, counts));
    }
    return shape;
  }

  private Size size(AxisLayout layout, int[] counts) {
    if (layout instanceof Leaf leaf) {
      Integer channels = narrowed.get(leaf.factor());
      if (channels != null) {
        return Size.of(channels);
      }
      Integer index = indices.get(leaf.factor());
      // where a branch goes, what of it other parts read stays whole
      return index == null || counts[index] == 0 ? leaf.size() : Size.of(counts[index]);
    }
    Size size = layout instanceof Sum ? Size.ZERO : Size.ONE;
    for (AxisLayout part : layout instanceof Sum sum ? sum.parts() : ((Product) layout).parts()) {
      size = layout instanceof Sum ? size.plus(size(part, counts)) : size.times(size(part, counts));
    }
    return size;
  }
}
