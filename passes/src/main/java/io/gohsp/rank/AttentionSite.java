package io.gohsp.rank;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import io.gohsp.op.SoftmaxOp;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.OwnLayers;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One place where the heads of a block attend. A block whose weights are used several times has
 * several.
 *
 * @param block its name
 * @param heads the axis of heads
 * @param output the output projection, which adds up over heads and value columns
 * @param product where attention maps meet values
 */
record AttentionSite(String block, PrunableAxis heads, Contraction output, Node product) {
  /** Operators that hand an attention map on, perhaps in another form. */
  private static final Set<String> TRANSPARENT =
      Set.of(
          "Identity",
          "Cast",
          "Dropout",
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Slice",
          "Split",
          "QuantizeLinear",
          "DequantizeLinear");

  /**
   * An attention map, as it is in the graph.
   *
   * @param value holds probabilities
   * @param keys the axis along which they add up to one
   * @param scores what the Softmax makes probabilities of, on the same axes; null if rows were
   *     changed afterwards
   */
  record Map(Value value, int keys, @Nullable Value scores) {}

  /**
   * Every place where the heads of a block attend; empty if it has one head or no attention.
   *
   * @param own tells the block's layers from those of blocks with the same weights
   */
  static List<AttentionSite> of(Block block, OwnLayers own, AxisAnalysis analysis) {
    AttentionPart attention = block.attention();
    if (attention == null || attention.heads() == null) {
      return List.of();
    }
    PrunableAxis heads = attention.heads();
    Set<Factor> factors = new HashSet<>(heads.layout().factors().toList());
    List<AttentionSite> sites = new ArrayList<>();
    for (Contraction output : own.of(attention.outputs())) {
      Set<Factor> reduced = new HashSet<>(output.reduced().factors().toList());
      Node product = reduced.containsAll(factors) ? productBefore(output, analysis) : null;
      if (product != null && product.graph() == product.graph().model().graph()) {
        sites.add(new AttentionSite(block.name(), heads, output, product));
      }
    }
    if (sites.isEmpty()) {
      throw new ModelException.Unsupported(
          attention.outputs().isEmpty()
              ? Location.UNKNOWN
              : attention.outputs().get(0).node().location(),
          "the attention of " + block.name() + " cannot be followed to its product with the values",
          "export the model without control flow around its blocks");
    }
    return sites;
  }

  /** The nearest product of two activations upstream of a layer, beyond no other layer. */
  private static @Nullable Node productBefore(Contraction layer, AxisAnalysis analysis) {
    Set<Node> products = new HashSet<>();
    Set<Node> layers = new HashSet<>();
    for (Contraction contraction : analysis.contractions()) {
      (contraction.kind() == Kind.ACTIVATIONS ? products : layers).add(contraction.node());
    }
    Deque<Value> frontier = new ArrayDeque<>(layer.gates());
    Set<Value> seen = new HashSet<>(frontier);
    while (!frontier.isEmpty()) {
      Node producer = frontier.remove().producer().orElse(null);
      if (producer == null) {
        continue;
      }
      if (products.contains(producer)) {
        return producer;
      }
      if (!layers.contains(producer)) {
        DataOperands.of(producer).stream().filter(seen::add).forEach(frontier::add);
      }
    }
    return null;
  }

  /** The attention map; null if what weighs the values is not simply the result of a Softmax. */
  @Nullable Map map(AxisAnalysis analysis) {
    for (Value operand : DataOperands.of(product)) {
      Map map = map(operand, analysis);
      if (map != null) {
        return map;
      }
    }
    return null;
  }

  private static @Nullable Map map(Value operand, AxisAnalysis analysis) {
    for (Value at = operand; ; ) {
      Node producer = at.producer().orElse(null);
      if (producer == null) {
        return null;
      }
      if (producer.is("Softmax")) {
        List<AxisLayout> axes = analysis.layout(at);
        return axes == null
            ? null
            : new Map(at, SoftmaxOp.of(producer).axes(axes.size()).get(0), producer.input(0));
      }
      if (producer.is("Where")) { // rows without any key, NaN, become zeros
        for (int choice = 1; choice <= 2; choice++) {
          Map inner = map(producer.input(choice), analysis);
          List<AxisLayout> axes = analysis.layout(at);
          if (inner != null
              && axes != null
              && axes.size() == Objects.requireNonNull(analysis.layout(inner.value())).size()) {
            return new Map(at, inner.keys(), null);
          }
        }
        return null;
      }
      if (!producer.op().domain().isEmpty() || !TRANSPARENT.contains(producer.op().type())) {
        return null;
      }
      at = producer.input(0);
    }
  }

  int headCount() {
    return heads.size();
  }

  /** The factors that tell heads apart, the slowest first. */
  List<Factor> headFactors() {
    return heads.layout().factors().toList();
  }

  ModelException.Unsupported unsupported(String problem, String hint) {
    return new ModelException.Unsupported(product.location(), block + ": " + problem, hint);
  }
}
