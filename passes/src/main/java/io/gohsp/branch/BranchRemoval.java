package io.gohsp.branch;

import io.gohsp.axis.AxisLayout;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes branches away: where they joined the stream, it flows on alone, or what the branch still
 * adds is added. What nobody reads any more is left for {@code RemoveUnused}.
 */
public final class BranchRemoval {
  private final Map<Value, List<AxisLayout>> constants = new LinkedHashMap<>();

  private BranchRemoval() {}

  /**
   * Rewrites the model that the exit is of.
   *
   * @param exit of all branches that go at once, without an obstacle
   * @return what the axes of the constants are made of that branches leave: those of an MLP that
   *     makes a bias for each head are heads, which may go too
   */
  public static Map<Value, List<AxisLayout>> run(BranchExit exit) {
    BranchRemoval removal = new BranchRemoval();
    // Backwards: where one sum adds several branches, an operand that goes moves those behind it.
    List<Joint> backwards = new ArrayList<>(exit.joints());
    Collections.reverse(backwards);
    backwards.forEach(removal::remove);
    return removal.constants;
  }

  private void remove(Joint joint) {
    Node node = joint.addition();
    if (node.op().type().startsWith("Skip")) {
      normalise(joint);
    } else if (joint.constant() != null) {
      node.setInput(joint.operand(), constant(joint, joint.constant()));
    } else if (node.is("Sum") && node.inputs().size() > 2) {
      node.removeInput(joint.operand());
    } else {
      Value stream =
          node.is("Gemm") ? node.input(2) : node.input(node.inputs().size() - 1 - joint.operand());
      flowOn(node, node.output(0), stream);
    }
  }

  private Value constant(Joint joint, Tensor tensor) {
    Node node = joint.addition();
    Graph graph = node.graph();
    Value constant =
        graph.addInitializer(
            graph.model().names().fresh(node.output(0).name() + "_without_branch"), tensor);
    List<AxisLayout> axes = new ArrayList<>(Collections.nCopies(tensor.rank(), AxisLayout.UNIT));
    if (joint.along() != null) {
      axes.set(0, joint.along());
    }
    constants.put(constant, axes);
    return constant;
  }

  /** The stream, or whatever a node passes on unchanged, stands for what the node returns. */
  public static void flowOn(Node node, Value sum, Value stream) {
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
  private void normalise(Joint joint) {
    Node node = joint.addition();
    GraphBuilder at = GraphBuilder.before(node).as(node.name() + "/without_branch");
    Value stream = node.input(1 - joint.operand());
    boolean simple = node.op().type().equals("SkipSimplifiedLayerNormalization");
    Value bias = bias(node);
    if (joint.constant() != null) {
      stream = at.add(stream, constant(joint, joint.constant()));
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

  /** What an addition and a norm in one adds besides; null if nothing. */
  static @Nullable Value bias(Node node) {
    return node.optionalInput(node.op().type().equals("SkipSimplifiedLayerNormalization") ? 3 : 4);
  }

  private static void replace(Node node, int output, Value replacement) {
    Value old = node.optionalOutput(output);
    if (old != null) {
      flowOn(node, old, replacement);
    }
  }
}
