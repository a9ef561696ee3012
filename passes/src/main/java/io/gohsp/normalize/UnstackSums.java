package io.gohsp.normalize;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.ConcatOp;
import io.gohsp.op.ReduceOp;
import io.gohsp.op.UnsqueezeOp;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds what is stacked along an axis of its own and summed over it, as parallel branches are
 * ({@code torch.stack(...).sum(0)}): in additions, each is a branch that joins the stream.
 */
final class UnstackSums {
  private final ShapeFacts facts;

  private UnstackSums(ShapeFacts facts) {
    this.facts = facts;
  }

  /**
   * Rewrites a model; what made the stacks is left without readers.
   *
   * @return how many sums were rewritten
   */
  static int run(Model model, ShapeFacts facts) {
    UnstackSums pass = new UnstackSums(facts);
    return (int)
        Traversal.nodesWithin(model.graph())
            .filter(node -> node.is("ReduceSum") && !node.output().isGraphOutput())
            .toList()
            .stream()
            .filter(pass::rewrite)
            .count();
  }

  private boolean rewrite(Node sum) {
    List<Value> stacked = stacked(sum);
    if (stacked.isEmpty()) {
      return false;
    }
    String name = sum.output().name() + "_unstacked";
    Value added =
        stacked.stream()
            .reduce((a, b) -> sum.graph().insertBefore(sum, OpId.of("Add"), name, a, b).output())
            .orElseThrow();
    sum.output().replaceAllUsesWith(added);
    return true;
  }

  /** What is added up over the axis along which it was stacked; empty if anything else is done. */
  private List<Value> stacked(Node sum) {
    Value stack = sum.input(0);
    Node concat = stack.producer().filter(node -> node.is("Concat")).orElse(null);
    List<Size> shape = facts.shape(stack);
    if (concat == null || shape == null || stack.isGraphOutput() || stack.uses().size() > 1) {
      return List.of();
    }
    ReduceOp reduced = ReduceOp.of(sum, facts::constants);
    List<Integer> axis = List.of(ConcatOp.of(concat).axis(shape.size()));
    if (reduced.keepDims() || !axis.equals(reduced.axes(shape.size()))) {
      return List.of();
    }
    List<Value> stacked = new ArrayList<>();
    for (Value piece : concat.presentInputs().toList()) {
      Node unsqueeze = piece.producer().filter(node -> node.is("Unsqueeze")).orElse(null);
      if (unsqueeze == null
          || !axis.equals(UnsqueezeOp.of(unsqueeze, facts::constants).axes(shape.size() - 1))) {
        return List.of();
      }
      stacked.add(unsqueeze.input(0));
    }
    return stacked;
  }
}
