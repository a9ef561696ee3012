package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.SoftmaxOp;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.Set;

/**
 * Brings a model to operator set 20, in which Gelu is an operator, LayerNormalization returns its
 * statistics, and scattering can add; later sets stay. Only what differs between 11 and 20 changes.
 */
final class OperatorSetUpgrade {
  static final int VERSION = 20;

  private static final long IR_VERSION = 9;
  private static final int OLDEST = 11;

  private static final Set<String> AXES_SINCE_13 = Set.of("ReduceSum", "Squeeze", "Unsqueeze");
  private static final Set<String> AXES_SINCE_18 =
      Set.of(
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSumSquare");

  private OperatorSetUpgrade() {}

  /**
   * @throws ModelException.Unsupported if the model is older than operator set 11
   */
  static void run(Model model) {
    int from = model.opset();
    if (from >= VERSION) {
      return;
    }
    if (from < OLDEST) {
      throw new ModelException.Unsupported(
          Location.of(model),
          "operator set " + from + " is too old to be trained",
          "convert the model to operator set 11 or later");
    }
    if (from < 13) {
      ShapeFacts facts = ShapeInference.of(model);
      Traversal.nodesWithin(model.graph()).forEach(node -> softmax(node, facts));
    }
    Traversal.nodesWithin(model.graph()).forEach(node -> upgrade(node, from));
    model.opsets().put("", (long) VERSION);
    model.setIrVersion(Math.max(model.irVersion(), IR_VERSION));
  }

  private static void upgrade(Node node, int from) {
    String type = node.op().domain().isEmpty() ? node.op().type() : "";
    if ((from < 13 && AXES_SINCE_13.contains(type))
        || (from < 18 && AXES_SINCE_18.contains(type))) {
      toOperand(node, "axes");
    } else if (type.equals("Split")) {
      if (from < 13) {
        toOperand(node, "split");
      }
      if (from < 18 && node.optionalInput(1) == null) {
        node.setAttribute(Attribute.of("num_outputs", (long) node.outputs().size()));
      }
    } else if (type.equals("Dropout") && from < 12) {
      node.removeAttribute("ratio"); // of no effect outside training mode
    }
  }

  private static void toOperand(Node node, String key) {
    List<Long> values = node.intsAttribute(key);
    node.removeAttribute(key);
    if (values != null) {
      Graph graph = node.graph();
      String name = graph.model().names().fresh(node.output().name() + "_" + key);
      long[] numbers = values.stream().mapToLong(Long::longValue).toArray();
      node.setInput(1, graph.addInitializer(name, Tensor.ofLongs(numbers)));
    }
  }

  /** Before 13, all axes from the named one on were normalised over together. */
  private static void softmax(Node node, ShapeFacts facts) {
    if (!node.is("Softmax") && !node.is("LogSoftmax") && !node.is("Hardmax")) {
      return;
    }
    List<Size> shape = facts.shape(node.input(0));
    SoftmaxOp op = SoftmaxOp.of(node);
    if (shape == null) {
      throw new ModelException.Unsupported(
          node.location(),
          "the rank of what it normalises is unknown",
          "convert the model to operator set 13 or later");
    }
    List<Integer> axes = op.axes(shape.size());
    node.setAttribute(Attribute.of("axis", -1L));
    if (axes.size() == 1) {
      return;
    }
    Graph graph = node.graph();
    String hint = node.output().name();
    Value x = node.input(0);
    Node flat = graph.insertBefore(node, OpId.of("Flatten"), hint + "_flat", x);
    flat.setAttribute(Attribute.of("axis", op.axis()));
    Node shapeOf = graph.insertBefore(node, OpId.of("Shape"), hint + "_shape", x);
    node.setInput(0, flat.output());
    Value normed = node.output();
    List<Use> readers = normed.uses();
    Node back = after(node, OpId.of("Reshape"), hint + "_back", normed, shapeOf.output());
    readers.forEach(use -> use.replaceWith(back.output()));
    if (normed.isGraphOutput()) {
      graph.returnInstead(normed, back.output());
    }
  }

  private static Node after(Node node, OpId op, String hint, Value... inputs) {
    Graph graph = node.graph();
    int next = graph.indexOf(node) + 1;
    return next < graph.nodes().size()
        ? graph.insertBefore(graph.nodes().get(next), op, hint, inputs)
        : graph.append(op, hint, inputs);
  }
}
