package io.gohsp.prune;

import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.gate.GatePlaces;
import io.gohsp.gate.MaskGates;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The original with everything a plan removes switched off: gates before the contractions, one
 * block and one part at a time, so that what the plan says is all that is switched off.
 */
final class MaskedOriginal {
  private final MaskGates gates;
  private final Set<Map.Entry<Contraction, Map<Factor, Keep>>> inserted = new HashSet<>();

  private MaskedOriginal(WorkingModel model) {
    gates = new MaskGates(model.analysis(), model.facts());
  }

  /**
   * Packed projections stay as the user wrote them wherever the plan can be told there; it may be
   * that only taking one apart tells queries, keys and values from each other.
   */
  static Model of(Model original, PruningPlan plan) {
    try {
      return of(WorkingModel.normalized(original, node -> false, true), plan);
    } catch (ModelException.BadPlan packed) {
      return of(WorkingModel.normalized(original), plan);
    }
  }

  private static Model of(WorkingModel model, PruningPlan plan) {
    MaskedOriginal masked = new MaskedOriginal(model);
    for (int i = 0; i < Math.min(model.blocks().size(), plan.blocks().size()); i++) {
      Block block = model.blocks().get(i);
      if (block.attention() != null) {
        // Columns of which the plan must say one thing cannot be told one kind at a time.
        boolean oneAxis = block.attention().columnsAreOneAxis();
        Keeps headsAndValues =
            keeps(
                model,
                plan,
                i,
                oneAxis ? MaskedOriginal::onlyAttention : MaskedOriginal::onlyHeadsAndValues);
        masked.gate(
            headsAndValues,
            GatePlaces.headsAndValues(
                model.analysis(), block.attention(), headsAndValues.byFactor().keySet()));
        if (block.attention().qk() != null) {
          Keeps queryKeys =
              keeps(
                      model,
                      plan,
                      i,
                      oneAxis ? MaskedOriginal::onlyAttention : MaskedOriginal::onlyQueryKeys)
                  .within(block.attention().qk().layout());
          masked.gate(queryKeys, GatePlaces.over(model.analysis(), queryKeys.byFactor().keySet()));
        }
      }
      if (block.mlp() != null) {
        Keeps neurons = keeps(model, plan, i, MaskedOriginal::onlyNeurons);
        masked.gate(neurons, GatePlaces.over(model.analysis(), neurons.byFactor().keySet()));
      }
    }
    return model.model();
  }

  /** Once, although blocks that share an axis say the same of it. */
  private void gate(Keeps keeps, List<Contraction> contractions) {
    for (Contraction contraction : contractions) {
      Keeps goes = keeps.within(contraction.reduced());
      if (!goes.isEmpty() && inserted.add(Map.entry(contraction, goes.byFactor()))) {
        gates.insert(contraction, goes);
      }
    }
  }

  /** What a part of one block keeps, all other blocks keeping everything. */
  private static Keeps keeps(
      WorkingModel model, PruningPlan plan, int block, UnaryOperator<BlockPlan> part) {
    List<BlockPlan> only = new ArrayList<>();
    for (int i = 0; i < plan.blocks().size(); i++) {
      BlockPlan whole = plan.blocks().get(i);
      only.add(i == block ? part.apply(whole) : keepingAll(whole));
    }
    PruningPlan partial = new PruningPlan(only, plan.provenance());
    return PlanResolver.resolve(partial, model.blocks(), Location.of(model.model()));
  }

  private static BlockPlan keepingAll(BlockPlan p) {
    return p.keeping(null, null, null, null);
  }

  private static BlockPlan onlyAttention(BlockPlan p) {
    return p.keeping(p.headsKept(), p.qkKept(), p.vKept(), null);
  }

  private static BlockPlan onlyHeadsAndValues(BlockPlan p) {
    return p.keeping(p.headsKept(), null, p.vKept(), null);
  }

  /** Columns of heads that go do not matter, but the plan lists only those of heads that stay. */
  private static BlockPlan onlyQueryKeys(BlockPlan p) {
    return p.keeping(p.qkKept() == null ? null : p.headsKept(), p.qkKept(), null, null);
  }

  private static BlockPlan onlyNeurons(BlockPlan p) {
    return p.keeping(null, null, null, p.neuronsKept());
  }
}
