package io.gohsp.selection;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.cost.CostTerm;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of a model's cost lies in a block: weights and products with an axis of its heads, columns
 * or neurons. Where blocks share an axis, because weights are tied or keys and values are an
 * earlier block's, parameters with it count in the first of them, and products in equal parts.
 * Norms, biases of outputs and what else several blocks share are in none.
 *
 * @param cost of the block
 */
public record BlockShare(Block block, Cost cost) {
  private static final Cost NOTHING = new Cost(0, 0, 0, List.of());

  /** One for each block, in their order. */
  public static List<BlockShare> of(WorkingModel model) {
    List<Block> blocks = model.blocks();
    Map<Factor, Set<Integer>> owners = new HashMap<>();
    for (int i = 0; i < blocks.size(); i++) {
      for (Factor factor : factors(blocks.get(i))) {
        owners.computeIfAbsent(factor, f -> new TreeSet<>()).add(i);
      }
    }
    Set<Factor> units = new HashSet<>();
    blocks.forEach(block -> units(block).forEach(units::add));
    Cost[] costs = new Cost[blocks.size()];
    Arrays.fill(costs, NOTHING);
    for (CostTerm term : CostModel.terms(model.model(), model.facts())) {
      if (isCounted(model, term)) {
        continue;
      }
      Set<Factor> factors =
          term.values().stream()
              .flatMap(value -> factors(model, value))
              .filter(owners::containsKey)
              .collect(Collectors.toSet());
      Set<Set<Integer>> within = factors.stream().map(owners::get).collect(Collectors.toSet());
      if (within.size() != 1) {
        continue;
      }
      Set<Integer> sharing = within.iterator().next();
      if (sharing.size() == 1 || factors.stream().anyMatch(units::contains)) {
        share(term.cost(model.facts()::shape), sharing, costs);
      }
    }
    List<BlockShare> shares = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      shares.add(new BlockShare(blocks.get(i), costs[i]));
    }
    return List.copyOf(shares);
  }

  /** What blocks share by their layers: columns they may share by a rotary table, too. */
  private static Stream<Factor> units(Block block) {
    AttentionPart attention = block.attention();
    return Stream.of(
            attention == null
                ? null
                : attention.heads() == null ? attention.v() : attention.heads(),
            block.mlp() == null ? null : block.mlp().neurons())
        .filter(Objects::nonNull)
        .flatMap(axis -> axis.layout().factors());
  }

  /** Parameters count in the first of the blocks that share the axis, products in equal parts. */
  private static void share(Cost cost, Set<Integer> blocks, Cost[] costs) {
    long each = cost.macs() / blocks.size();
    long first = cost.macs() - each * (blocks.size() - 1);
    boolean isFirst = true;
    for (int block : blocks) {
      costs[block] =
          costs[block].plus(
              isFirst
                  ? new Cost(
                      cost.params(), cost.embeddings(), first, cost.bytes(), cost.uncounted())
                  : new Cost(0, 0, each, 0, List.of()));
      isFirst = false;
    }
  }

  /** Whether a weight is a copy, for another reader, of one with the same axes. */
  private static boolean isCounted(WorkingModel model, CostTerm term) {
    Value source =
        term instanceof CostTerm.Params params ? model.copies().get(params.weight().value()) : null;
    return source != null
        && factors(model, source).toList().equals(factors(model, term.values().get(0)).toList());
  }

  private static Stream<Factor> factors(WorkingModel model, Value value) {
    List<AxisLayout> axes = model.analysis().layout(value);
    return axes == null ? Stream.of() : axes.stream().flatMap(AxisLayout::factors);
  }

  private static Set<Factor> factors(Block block) {
    Set<Factor> factors = new HashSet<>();
    AttentionPart attention = block.attention();
    Stream<PrunableAxis> axes =
        attention == null
            ? Stream.of()
            : Stream.of(attention.heads(), attention.qk(), attention.v());
    if (block.mlp() != null) {
      axes = Stream.concat(axes, Stream.of(block.mlp().neurons()));
    }
    axes.filter(Objects::nonNull).flatMap(axis -> axis.layout().factors()).forEach(factors::add);
    return factors;
  }
}
