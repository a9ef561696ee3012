package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.branch.BranchRemoval;
import io.gohsp.ir.AtNode;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.SplitOp;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Attributes that state an extent, one row per operator. */
final class NodeRepair {
  /** Brings one node's attributes in line. */
  @FunctionalInterface
  private interface Row {
    void repair(NodeRepair repair, Node node);
  }

  private static final Map<OpId, Row> ROWS = new HashMap<>();

  static {
    ROWS.put(OpId.of("Conv"), NodeRepair::groups);
    ROWS.put(OpId.of(OpId.MICROSOFT, "FusedConv"), NodeRepair::groups);
    ROWS.put(OpId.of("ConvInteger"), NodeRepair::groups);
    ROWS.put(OpId.of("QLinearConv"), NodeRepair::quantizedGroups);
    ROWS.put(OpId.of("Split"), NodeRepair::split);
    ROWS.put(OpId.of("Attention"), NodeRepair::attention);
    ROWS.put(OpId.of("RotaryEmbedding"), (repair, node) -> repair.rotary(node, node.input(1)));
    ROWS.put(
        OpId.of(OpId.MICROSOFT, "RotaryEmbedding"),
        (repair, node) -> repair.rotary(node, node.input(2)));
    ROWS.put(OpId.of(OpId.MICROSOFT, "Attention"), NodeRepair::packedAttention);
    ROWS.put(OpId.of(OpId.MICROSOFT, "QAttention"), NodeRepair::numHeads);
    ROWS.put(OpId.of(OpId.MICROSOFT, "MultiHeadAttention"), NodeRepair::numHeads);
    ROWS.put(OpId.of(OpId.MICROSOFT, "MatMulNBits"), NodeRepair::blockQuantized);
  }

  private final AxisAnalysis analysis;
  private final ShapeFacts facts;
  private final Keeps keeps;

  NodeRepair(AxisAnalysis analysis, ShapeFacts facts, Keeps keeps) {
    this.analysis = analysis;
    this.facts = facts;
    this.keeps = keeps;
  }

  /**
   * Writes down the scale that a fused attention implies by its head size, where columns go:
   * METHOD.md section 4, the ORIGINAL 1/sqrt(d) stays.
   */
  void rememberScales(Model model) {
    for (Contraction contraction : analysis.contractions()) {
      Node node = contraction.node();
      boolean fused = node.op().type().endsWith("Attention");
      if (fused
          && keeps.touches(contraction.reduced())
          && contraction.kind() == Contraction.Kind.ACTIVATIONS
          && node.attribute("scale") == null) {
        double width = contraction.reduced().size().value();
        node.setAttribute(Attribute.of("scale", (float) (1 / Math.sqrt(width))));
      }
    }
  }

  void attributes(Model model) {
    Traversal.nodesWithin(model.graph())
        .filter(node -> ROWS.containsKey(node.op()) && isTouched(node))
        .toList()
        .forEach(node -> AtNode.run(node, () -> ROWS.get(node.op()).repair(this, node)));
  }

  private boolean isTouched(Node node) {
    return java.util.stream.Stream.concat(node.presentInputs(), node.presentOutputs())
        .map(analysis::layout)
        .filter(Objects::nonNull)
        .anyMatch(layouts -> layouts.stream().anyMatch(keeps::touches));
  }

  private long size(Value value, int axis) {
    return keeps.size(layout(value, axis)).value();
  }

  private AxisLayout layout(Value value, int axis) {
    List<AxisLayout> layouts = Objects.requireNonNull(analysis.layout(value), value::name);
    return layouts.get(axis < 0 ? axis + layouts.size() : axis);
  }

  private static void set(Node node, String attribute, long value) {
    if (node.intAttribute(attribute, value + 1) != value) {
      node.setAttribute(Attribute.of(attribute, value));
    }
  }

  private void groups(Node node) {
    if (node.intAttribute("group", 1) != 1) {
      set(node, "group", size(node.input(0), 1) / size(node.input(1), 1));
    }
  }

  private void quantizedGroups(Node node) {
    if (node.intAttribute("group", 1) != 1) {
      set(node, "group", size(node.input(0), 1) / size(node.input(3), 1));
    }
  }

  /**
   * Pieces that were equal may not be any more; then their sizes are written down. Those that only
   * a branch read that is gone have no elements and are no longer listed.
   */
  private void split(Node node) {
    int axis =
        SplitOp.of(node, facts::constants)
            .axis(Objects.requireNonNull(facts.shape(node.input(0))).size());
    if (node.outputs().contains(null)) {
      return; // the shape operand repair sees to it, or complains
    }
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      Size size = keeps.size(layout(node.output(i), axis));
      if (!size.isKnown()) {
        return;
      }
      sizes.add(size.value());
    }
    boolean equal = sizes.stream().distinct().count() == 1;
    boolean fewer = dropUnread(node, sizes);
    if (fewer && sizes.size() == 1) {
      BranchRemoval.flowOn(node, node.output(), node.input(0));
      node.graph().remove(node);
    } else if (fewer
        || node.attribute("split") != null
        || (node.optionalInput(1) == null && !equal)) {
      writeSizes(node, sizes);
    }
  }

  /** Whether there are pieces without elements and readers, and others. */
  private static boolean dropUnread(Node split, List<Long> sizes) {
    if (split.presentOutputs().noneMatch(Value::isUsed)) {
      return false;
    }
    boolean any = false;
    for (int i = sizes.size() - 1; i >= 0; i--) {
      if (sizes.get(i) == 0 && !split.output(i).isUsed()) {
        split.removeOutput(i);
        sizes.remove(i);
        any = true;
      }
    }
    return any;
  }

  /** Where the version of the operator has them. */
  private static void writeSizes(Node split, List<Long> sizes) {
    Graph graph = split.graph();
    if (graph.model().opset() < 13) {
      split.setAttribute(Attribute.ofInts("split", sizes));
    } else {
      split.removeAttribute("num_outputs");
      String name = graph.model().names().fresh(split.output(0).name() + "_sizes");
      Tensor listed = Tensor.ofLongs(sizes.stream().mapToLong(i -> i).toArray());
      split.setInput(1, graph.addInitializer(name, listed));
    }
  }

  private Contraction contraction(Node node) {
    return analysis.contractions().stream()
        .filter(c -> c.node() == node && !c.batch().isEmpty())
        .findFirst()
        .orElseThrow();
  }

  private void numHeads(Node node) {
    set(node, "num_heads", keeps.size(contraction(node).batch().get(0)).value());
  }

  private void rotary(Node node, Value cos) {
    if (node.intAttribute("num_heads", 0) != 0) {
      set(node, "num_heads", mergedHeads(node, 2 * size(cos, -1)));
    }
  }

  /** Only with heads and columns in one axis does the attribute matter; else it is the axis. */
  private long mergedHeads(Node node, long columns) {
    List<Size> in = Objects.requireNonNull(facts.shape(node.input(0)));
    return in.size() == 3 ? size(node.input(0), 2) / columns : size(node.input(0), 1);
  }

  private void packedAttention(Node node) {
    numHeads(node);
    long heads = keeps.size(contraction(node).batch().get(0)).value();
    long qk = heads * keeps.size(contraction(node).reduced()).value();
    long v = size(node.output(), 2);
    if (qk != v || node.attribute("qkv_hidden_sizes") != null) {
      node.setAttribute(Attribute.ofInts("qkv_hidden_sizes", List.of(qk, qk, v)));
    }
  }

  /** With heads merged into the last axis, attributes tell their number; the layouts know it. */
  private void attention(Node node) {
    if (node.attribute("q_num_heads") == null) {
      return;
    }
    Contraction contraction = contraction(node);
    long heads = keeps.size(contraction.batch().get(0)).value();
    long columns = keeps.size(contraction.reduced()).value();
    set(node, "q_num_heads", heads);
    set(node, "kv_num_heads", size(node.input(1), 2) / columns);
  }

  private void blockQuantized(Node node) {
    set(node, "N", size(node.output(), -1));
  }
}
