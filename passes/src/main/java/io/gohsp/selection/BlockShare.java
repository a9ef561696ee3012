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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of a model's cost lies in a block: weights and products with an axis of its heads, columns
 * or neurons. Norms, biases of outputs and whatever several blocks share are in none.
 *
 * @param cost of the block
 */
public record BlockShare(Block block, Cost cost) {
  private static final Cost NOTHING = new Cost(0, 0, 0, List.of());

  /** One for each block, in their order. */
  public static List<BlockShare> of(WorkingModel model) {
    List<Block> blocks = model.blocks();
    Map<Factor, Integer> owners = new HashMap<>();
    for (int i = 0; i < blocks.size(); i++) {
      for (Factor factor : factors(blocks.get(i))) {
        owners.merge(factor, i, (one, other) -> one.equals(other) ? one : Integer.valueOf(-1));
      }
    }
    Cost[] costs = new Cost[blocks.size()];
    Arrays.fill(costs, NOTHING);
    for (CostTerm term : CostModel.terms(model.model(), model.facts())) {
      Set<Integer> within =
          term.values().stream()
              .flatMap(value -> factors(model, value))
              .map(owners::get)
              .filter(Objects::nonNull)
              .collect(Collectors.toSet());
      if (within.size() == 1 && !within.contains(-1)) {
        int block = within.iterator().next();
        costs[block] = costs[block].plus(term.cost(model.facts()::shape));
      }
    }
    List<BlockShare> shares = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      shares.add(new BlockShare(blocks.get(i), costs[i]));
    }
    return List.copyOf(shares);
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
