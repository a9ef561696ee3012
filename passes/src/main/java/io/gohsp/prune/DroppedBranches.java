package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Fixed;
import io.gohsp.branch.BranchExit;
import io.gohsp.branch.BranchRemoval;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.DroppableBranches;
import io.gohsp.plan.Keeps;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Branches of which a plan keeps no head or no neuron: they go as a whole, with all their nodes.
 */
final class DroppedBranches {
  private DroppedBranches() {}

  /**
   * Takes them out of the stream.
   *
   * @return what the axes of constants are made of that they leave; null if nothing was taken out
   * @throws ModelException.BadPlan if something else needs one of them
   */
  static @Nullable Map<Value, List<AxisLayout>> run(WorkingModel model, Keeps keeps) {
    List<Contraction> outputs = DroppableBranches.outputs(model.blocks(), keeps);
    boolean concatenated = disconnect(model, keeps);
    if (outputs.isEmpty()) {
      return concatenated ? Map.of() : null;
    }
    BranchExit exit = BranchExit.of(outputs, model.analysis(), model.facts());
    Fixed obstacle = exit.obstacle();
    if (obstacle != null) {
      throw new ModelException.BadPlan(
          obstacle.node() == null ? Location.of(model.model()) : obstacle.node().location(),
          "a branch that the plan drops cannot be taken out of the stream: " + obstacle.reason(),
          "keep at least one head or neuron of it");
    }
    return BranchRemoval.run(exit);
  }

  /** Takes what a branch says out of what parts with a common output layer say together. */
  private static boolean disconnect(WorkingModel model, Keeps keeps) {
    boolean any = false;
    for (Node node : Traversal.nodesWithin(model.model().graph()).toList()) {
      if (node.is("Concat") && !isEmptied(model, keeps, node.output())) {
        int before = node.inputs().size();
        for (int i = before - 1; i >= 0; i--) {
          if (isEmptied(model, keeps, node.input(i))) {
            node.removeInput(i);
          }
        }
        int left = node.inputs().size();
        any |= left < before;
        if (left == 1 && left < before) {
          BranchRemoval.flowOn(node, node.output(), node.input(0));
        }
      }
    }
    return any;
  }

  private static boolean isEmptied(WorkingModel model, Keeps keeps, Value value) {
    List<AxisLayout> layouts = model.analysis().layout(value);
    return layouts != null && layouts.stream().anyMatch(keeps::empties);
  }

  /**
   * Requires that nobody reads what is left of them, once what leads nowhere is gone: a part of a
   * projection that other parts share.
   *
   * @throws ModelException.BadPlan if other parts read heads or neurons that are said to go
   */
  static void requireGone(Model model, AxisAnalysis analysis, Keeps keeps) {
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      for (Value output : node.presentOutputs().filter(Value::isUsed).toList()) {
        List<AxisLayout> layouts = analysis.layout(output);
        if (layouts != null && layouts.stream().anyMatch(keeps::empties)) {
          throw new ModelException.BadPlan(
              node.location(),
              "belongs to a branch that the plan drops, but another part of the model reads it",
              "keep at least one head or neuron of it");
        }
      }
    }
  }
}
