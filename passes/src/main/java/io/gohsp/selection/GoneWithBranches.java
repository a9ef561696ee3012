package io.gohsp.selection;

import io.gohsp.axis.Factor;
import io.gohsp.branch.BranchExit;
import io.gohsp.branch.Joint;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostTerm;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What nobody reads any more once branches go: a node is gone with a set of branches if every way
 * from it leads into one of them. Weights of one branch are gone with it, a mask that all
 * attentions share is gone with all of them. What leads nowhere counts as read, since a file may
 * want it kept: so no cost is told too low, but some too high where normalisation left such ends.
 */
final class GoneWithBranches {
  /** By node the branches it leads into; null for what is read elsewhere, too. */
  private final Map<Node, @Nullable Set<Factor>> byNode = new HashMap<>();

  private final Map<Factor, Cost> constants = new LinkedHashMap<>();

  private GoneWithBranches() {}

  /**
   * @param exits how branches leave, by the factor with which they go
   */
  static GoneWithBranches of(Model model, Map<Factor, BranchExit> exits) {
    GoneWithBranches gone = new GoneWithBranches();
    if (exits.isEmpty()) {
      return gone;
    }
    Map<Node, Factor> passed = new HashMap<>();
    exits.forEach(
        (factor, exit) -> {
          exit.passed().forEach(node -> passed.put(node, factor));
          long elements = 0;
          long bytes = 0;
          for (Joint joint : exit.joints()) {
            Tensor constant = joint.constant();
            if (constant != null && constant.size() > 1) {
              elements += constant.size();
              bytes += constant.type().bytes(constant.size());
            }
          }
          gone.constants.put(factor, new Cost(elements, 0, bytes, List.of()));
        });
    gone.visit(model.graph(), null, passed);
    return gone;
  }

  /** Backwards, so that readers come first; a nested graph right after the node that holds it. */
  private void visit(Graph graph, @Nullable Node holder, Map<Node, Factor> passed) {
    List<Node> backwards = new ArrayList<>(graph.nodes());
    Collections.reverse(backwards);
    for (Node node : backwards) {
      Factor own = passed.get(node);
      byNode.put(node, own != null ? Set.of(own) : ofAll(node, graph, holder));
      node.subgraphs().forEach(nested -> visit(nested, node, passed));
    }
  }

  private @Nullable Set<Factor> ofAll(Node node, Graph graph, @Nullable Node holder) {
    Set<Factor> all = new LinkedHashSet<>();
    for (Value output : node.presentOutputs().toList()) {
      if (graph.outputs().contains(output)) {
        Set<Factor> outside = holder == null ? null : byNode.get(holder);
        if (outside == null) {
          return null;
        }
        all.addAll(outside);
      }
      for (Use use : output.uses()) {
        Set<Factor> there = byNode.get(use.node());
        if (there == null) {
          return null;
        }
        all.addAll(there);
      }
    }
    return all.isEmpty() ? null : all;
  }

  /** The branches without which nobody reads a value; empty if somebody always does. */
  Set<Factor> with(Value value) {
    Set<Factor> all = new LinkedHashSet<>();
    if (value.isGraphOutput()) {
      return Set.of();
    }
    for (Use use : value.uses()) {
      Set<Factor> there = byNode.get(use.node());
      if (there == null) {
        return Set.of();
      }
      all.addAll(there);
    }
    return all;
  }

  /** The branches without which a cost falls away; empty if it never does. */
  Set<Factor> with(CostTerm term) {
    if (term instanceof CostTerm.Params params) {
      return with(params.weight().value());
    }
    Set<Factor> branches = byNode.get(((CostTerm.Macs) term).node());
    return branches == null ? Set.of() : branches;
  }

  /** By branch what its biases take that are added in its place. */
  Map<Factor, Cost> constants() {
    return constants;
  }
}
