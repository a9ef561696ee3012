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
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Brings a model to operator set 20, in which Gelu is an operator, LayerNormalization returns its
 * statistics, and scattering can add; later sets stay. One row for each change between 11 and 20
 * that would make a node mean something else, or nothing; what only gained types, operands or
 * attributes whose absence means what it did is not listed.
 */
final class OperatorSetUpgrade {
  static final int VERSION = 20;

  private static final long IR_VERSION = 9;
  private static final int OLDEST = 11;

  /**
   * One change of the standard.
   *
   * @param since the operator set that changed the operators
   * @param types what they are called
   * @param rewrite turns a node of an older set into one of this set
   */
  private record Change(int since, Set<String> types, BiConsumer<Node, ShapeFacts> rewrite) {}

  private static final List<Change> CHANGES =
      List.of(
          change(12, (node, facts) -> node.removeAttribute("ratio"), "Dropout"),
          change(13, OperatorSetUpgrade::softmax, "Softmax", "LogSoftmax", "Hardmax"),
          change(13, (node, facts) -> toOperand(node, "axes"), "ReduceSum", "Squeeze", "Unsqueeze"),
          change(13, (node, facts) -> toOperand(node, "split"), "Split"),
          change(13, OperatorSetUpgrade::resize, "Resize"),
          change(14, OperatorSetUpgrade::batchNorm, "BatchNormalization"),
          change(16, OperatorSetUpgrade::roiAlign, "RoiAlign"),
          change(18, OperatorSetUpgrade::split, "Split"),
          change(
              18,
              (node, facts) -> toOperand(node, "axes"),
              "ReduceL1",
              "ReduceL2",
              "ReduceLogSum",
              "ReduceLogSumExp",
              "ReduceMax",
              "ReduceMean",
              "ReduceMin",
              "ReduceProd",
              "ReduceSumSquare"),
          change(20, OperatorSetUpgrade::gridSample, "GridSample"),
          change(20, OperatorSetUpgrade::fourier, "DFT"));

  private static Change change(int since, BiConsumer<Node, ShapeFacts> rewrite, String... types) {
    return new Change(since, Set.of(types), rewrite);
  }

  private OperatorSetUpgrade() {}

  /** The operators that an upgrade from an operator set rewrites. */
  static Set<String> operators() {
    return CHANGES.stream().flatMap(c -> c.types().stream()).collect(Collectors.toSet());
  }

  /**
   * @throws ModelException.Unsupported if the model is older than operator set 11, or the meaning
   *     of a node has no counterpart in operator set 20
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
    ShapeFacts facts = ShapeInference.of(model);
    List<Node> nodes = Traversal.nodesWithin(model.graph()).toList();
    for (Change change : CHANGES) {
      if (change.since() > from) {
        nodes.stream()
            .filter(node -> node.op().domain().isEmpty())
            .filter(node -> change.types().contains(node.op().type()))
            .forEach(node -> change.rewrite().accept(node, facts));
      }
    }
    model.opsets().put("", (long) VERSION);
    model.setIrVersion(Math.max(model.irVersion(), IR_VERSION));
  }

  /** Parts of equal size were understood before. */
  private static void split(Node node, ShapeFacts facts) {
    if (node.optionalInput(1) == null) {
      node.setAttribute(Attribute.of("num_outputs", (long) node.outputs().size()));
    }
  }

  /** A way to find pixels that was dropped; no other is equal to it. */
  private static void resize(Node node, ShapeFacts facts) {
    refuse(
        node,
        node.stringAttribute("coordinate_transformation_mode", "").equals("tf_half_pixel_for_nn"),
        "coordinate_transformation_mode tf_half_pixel_for_nn");
  }

  /** More results than one were what made it normalise by the batch at hand. */
  private static void batchNorm(Node node, ShapeFacts facts) {
    refuse(node, node.presentOutputs().count() > 1, "the statistics of training as results");
  }

  /** The region's corner was the corner of a pixel, and no mode could say otherwise. */
  private static void roiAlign(Node node, ShapeFacts facts) {
    node.setAttribute(Attribute.of("coordinate_transformation_mode", "output_half_pixel"));
  }

  /** The modes were called after two dimensions. */
  private static void gridSample(Node node, ShapeFacts facts) {
    String mode = node.stringAttribute("mode", "bilinear");
    node.setAttribute(
        Attribute.of(
            "mode", mode.equals("bilinear") ? "linear" : mode.equals("bicubic") ? "cubic" : mode));
  }

  /** The axis was an attribute, 1 by default. */
  private static void fourier(Node node, ShapeFacts facts) {
    long axis = node.intAttribute("axis", 1);
    node.removeAttribute("axis");
    node.setInput(2, constant(node, "axis", Tensor.ofLong(axis)));
  }

  private static void refuse(Node node, boolean lost, String what) {
    if (lost) {
      throw new ModelException.Unsupported(
          node.location(),
          what + " has no counterpart in operator set " + VERSION,
          "convert the model to operator set 18 or later");
    }
  }

  private static void toOperand(Node node, String key) {
    List<Long> values = node.intsAttribute(key);
    node.removeAttribute(key);
    if (values != null) {
      long[] numbers = values.stream().mapToLong(Long::longValue).toArray();
      node.setInput(1, constant(node, key, Tensor.ofLongs(numbers)));
    }
  }

  private static Value constant(Node node, String key, Tensor value) {
    Graph graph = node.graph();
    String name = graph.model().names().fresh(node.output().name() + "_" + key);
    return graph.addInitializer(name, value);
  }

  /** Before 13, all axes from the named one on were normalised over together. */
  private static void softmax(Node node, ShapeFacts facts) {
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
