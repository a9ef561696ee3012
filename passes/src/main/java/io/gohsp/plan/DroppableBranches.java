package io.gohsp.plan;

import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.branch.BranchExit;
import io.gohsp.ir.Location;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which branches go with all units of an axis, and whether they may. */
public final class DroppableBranches {
  private DroppableBranches() {}

  /** The axis whose units all go where an attention goes: its heads or, of a single one, values. */
  public static @Nullable PrunableAxis axis(AttentionPart attention) {
    return attention.heads() == null ? attention.v() : attention.heads();
  }

  /**
   * How the branches leave for the stream that lose everything with a factor: those of one block,
   * or of several that share it.
   *
   * @param factor of heads or neurons
   */
  public static BranchExit exit(WorkingModel model, Factor factor) {
    Keeps none = new Keeps(Map.of(factor, Keep.of(List.of())));
    for (Contraction output : outputs(model.blocks())) {
      boolean alone = none.empties(output.reduced()) || !none.touches(output.reduced());
      if (!alone && !output.gates().stream().allMatch(DroppableBranches::isConcatenated)) {
        return BranchExit.blocked(output.node(), "the output layer has other inputs, too");
      }
    }
    return BranchExit.of(outputs(model.blocks(), none), model.analysis(), model.facts());
  }

  private static boolean isConcatenated(Value value) {
    return value.producer().filter(node -> node.is("Concat")).isPresent();
  }

  /** The output layers that have nothing left to add up over. */
  public static List<Contraction> outputs(List<Block> blocks, Keeps keeps) {
    return outputs(blocks).stream().filter(output -> keeps.empties(output.reduced())).toList();
  }

  /**
   * Names of the sums where the branches that a plan drops joined the stream; where they leave a
   * constant, the cut model has the same sum.
   *
   * @param plan in the model's own basis
   * @throws io.gohsp.ir.ModelException.BadPlan if it does not fit
   */
  public static List<String> sums(WorkingModel model, PruningPlan plan) {
    Keeps keeps = PlanResolver.resolve(plan, model.blocks(), Location.of(model.model()));
    List<Contraction> outputs = outputs(model.blocks(), keeps);
    return outputs.isEmpty()
        ? List.of()
        : BranchExit.of(outputs, model.analysis(), model.facts()).joints().stream()
            .map(joint -> joint.addition().output(0).name())
            .toList();
  }

  private static List<Contraction> outputs(List<Block> blocks) {
    List<Contraction> outputs = new ArrayList<>();
    for (Block block : blocks) {
      if (block.attention() != null) {
        outputs.addAll(block.attention().outputs());
      }
      if (block.mlp() != null) {
        outputs.addAll(block.mlp().outputs());
      }
    }
    return outputs;
  }
}
