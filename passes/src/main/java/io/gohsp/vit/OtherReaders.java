package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What else adds up over an attention's heads or columns than its own products and the layers
 * behind it: a norm of keys across heads, written out; scores that are summed over heads as an
 * output; a layer that reads keys. A head that is switched off has no results, but it does have
 * queries, keys and values; so one position less would change what such a node returns.
 */
final class OtherReaders {
  private final AxisAnalysis analysis;
  private final Contraction weighted;
  private final Set<Node> ends;

  /**
   * @param weighted the product with the values
   * @param behind layers that add up over what comes of such products
   */
  OtherReaders(AxisAnalysis analysis, Contraction weighted, List<Contraction> behind) {
    this.analysis = analysis;
    this.weighted = weighted;
    ends = behind.stream().map(Contraction::node).collect(Collectors.toSet());
  }

  /**
   * The heads, kept whole if anything but attentions adds up over them: a norm across heads, or a
   * layer that makes a gate for each head of all heads, whose result comes back to what an output
   * layer reads. A head that is switched off in front of that one still adds to the others' gates.
   *
   * @param scores products of queries and keys, which may have the heads
   * @param layers what adds up over these heads with their columns, by the product that has them
   */
  PrunableAxis heads(
      PrunableAxis axis, List<Contraction> scores, Collection<List<Contraction>> layers) {
    Set<Contraction> own = new HashSet<>(scores);
    layers.forEach(same -> same.stream().filter(layer -> !leadsTo(layer, same)).forEach(own::add));
    return axis(axis, reader -> !own.contains(reader));
  }

  private boolean leadsTo(Contraction layer, List<Contraction> others) {
    return others.size() > 1
        && !Collections.disjoint(
            reached(layer.node(), this::isProduct),
            others.stream().flatMap(other -> other.gates().stream()).toList());
  }

  /**
   * The axis of value columns, kept whole if it has other readers. A layer that returns the very
   * axis that it adds up over, such as a convolution that makes more heads of the columns of each,
   * is part of the chain: what it returns at a position goes with what it reads there.
   *
   * @param scores products of queries and keys, which may have the values' columns
   */
  PrunableAxis values(PrunableAxis axis, List<Contraction> scores) {
    return axis(
        axis,
        reader ->
            !ends.contains(reader.node())
                && !scores.contains(reader)
                && !returnsWhatItReads(reader));
  }

  private static boolean returnsWhatItReads(Contraction reader) {
    return reader.kind() == Kind.WEIGHT
        && reader.reduced().factors().allMatch(factor -> returns(reader, factor));
  }

  private static boolean returns(Contraction layer, Factor factor) {
    return layer.free().stream().flatMap(AxisLayout::factors).anyMatch(factor::equals);
  }

  /**
   * The columns of queries and keys, kept whole if something behind the attention has them in
   * another way. Norms of them, products with positions and those of another attention with the
   * same keys end in a product again.
   */
  PrunableAxis scores(PrunableAxis axis) {
    return axis(axis, reader -> !ends.contains(reader.node()) && leadsAround(reader));
  }

  private boolean leadsAround(Contraction reader) {
    Predicate<Node> stops =
        node -> node != reader.node() && (isProduct(node) || ends.contains(node));
    Set<Value> reached = reached(reader.node(), stops);
    return reader.kind() == Kind.ACTIVATIONS
        ? reached.stream().flatMap(value -> value.uses().stream()).map(Use::node).noneMatch(stops)
        : reached.stream().anyMatch(Value::isGraphOutput);
  }

  private boolean isProduct(Node node) {
    return analysis.contractions(node).stream().anyMatch(c -> c.kind() == Kind.ACTIVATIONS);
  }

  private PrunableAxis axis(PrunableAxis axis, Predicate<Contraction> other) {
    Set<Factor> factors = axis.layout().factors().collect(Collectors.toSet());
    if (axis.obstacle() != null) {
      return axis;
    }
    return analysis.addingUpOver(factors).stream()
        .filter(reader -> reader.node() != weighted.node())
        .filter(other)
        .findFirst()
        .map(
            reader ->
                new PrunableAxis(
                    axis.layout(), axis.factor(), axis.dependsOn(), reason(reader, factors)))
        .orElse(axis);
  }

  private static Fixed reason(Contraction reader, Set<Factor> axis) {
    return new Fixed(
        reader.node(),
        axis.stream().anyMatch(factor -> returns(reader, factor))
            ? "is mixed by "
                + reader.node().op().type()
                + ": removing a position would take what it adds to the others"
            : "is added up by "
                + reader.node().op().type()
                + ", too: removing a position would change what reads that sum");
  }

  /** What is computed from what a node returns, up to others and without what those return. */
  private static Set<Value> reached(Node from, Predicate<Node> stops) {
    Set<Value> reached = from.presentOutputs().collect(Collectors.toCollection(HashSet::new));
    Deque<Value> frontier = new ArrayDeque<>(reached);
    while (!frontier.isEmpty()) {
      Value value = frontier.remove();
      for (Use use : value.uses()) {
        Node node = use.node();
        if (!stops.test(node) && DataOperands.of(node).contains(value)) {
          node.presentOutputs().filter(reached::add).forEach(frontier::add);
        }
      }
    }
    return reached;
  }
}
