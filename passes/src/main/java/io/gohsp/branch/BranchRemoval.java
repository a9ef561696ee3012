package io.gohsp.branch;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.LayerNormOp;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Takes branches away: where they joined the stream, it flows on alone, or what the branch still
 * adds is added. What nobody reads any more is left for {@code RemoveUnused}.
 */
public final class BranchRemoval {
  private BranchRemoval() {}

  /**
   * Rewrites the model that the exit is of.
   *
   * @param exit of all branches that go at once, without an obstacle
   */
  public static void run(BranchExit exit) {
    // Backwards: where one sum adds several branches, an operand that goes moves those behind it.
    List<Joint> backwards = new ArrayList<>(exit.joints());
    Collections.reverse(backwards);
    backwards.forEach(BranchRemoval::remove);
  }

  private static void remove(Joint joint) {
    Node node = joint.addition();
    if (node.op().type().startsWith("Skip")) {
      normalise(joint);
    } else if (joint.constant() != null) {
      node.setInput(joint.operand(), constant(node, joint.constant()));
    } else if (node.is("Sum") && node.inputs().size() > 2) {
      node.removeInput(joint.operand());
    } else {
      Value stream =
          node.is("Gemm") ? node.input(2) : node.input(node.inputs().size() - 1 - joint.operand());
      flowOn(node, node.output(0), stream);
    }
  }

  private static Value constant(Node node, Tensor tensor) {
    Graph graph = node.graph();
    return graph.addInitializer(
        graph.model().names().fresh(node.output(0).name() + "_without_branch"), tensor);
  }

  /** The stream stands for the sum. */
  private static void flowOn(Node node, Value sum, Value stream) {
    Value passed = stream;
    if (sum.isGraphOutput()) { // callers know it by its name
      Node identity =
          node.graph().insertBefore(node, OpId.of("Identity"), sum.name() + "_stream", stream);
      passed = identity.output();
      node.graph().returnInstead(sum, passed);
    }
    sum.replaceAllUsesWith(passed);
  }

  /** An addition and a norm in one: the addition goes, or becomes one of a constant. */
  private static void normalise(Joint joint) {
    Node node = joint.addition();
    GraphBuilder at = GraphBuilder.before(node).as(node.name() + "/without_branch");
    Value stream = node.input(1 - joint.operand());
    boolean simple = node.op().type().equals("SkipSimplifiedLayerNormalization");
    Value bias = node.optionalInput(simple ? 3 : 4);
    if (joint.constant() != null) {
      stream = at.add(stream, constant(node, joint.constant()));
    }
    if (bias != null) {
      stream = at.add(stream, bias);
    }
    Value shift = simple ? null : node.optionalInput(3);
    Node norm =
        node.graph()
            .insertBefore(
                node,
                OpId.of(simple ? "SimplifiedLayerNormalization" : "LayerNormalization"),
                node.name() + "_norm",
                shift == null
                    ? new Value[] {stream, node.input(2)}
                    : new Value[] {stream, node.input(2), shift});
    norm.setAttribute(Attribute.of("axis", -1));
    norm.setAttribute(Attribute.of("epsilon", LayerNormOp.of(node).epsilon()));
    replace(node, 0, norm.output());
    replace(node, 3, stream);
  }

  private static void replace(Node node, int output, Value replacement) {
    Value old = node.optionalOutput(output);
    if (old != null) {
      flowOn(node, old, replacement);
    }
  }
}
