package io.gohsp.witness;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.DataOperands;
import io.gohsp.plan.BlockPlan;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where an attention reads its queries, head by head and column by column. */
final class Scores {
  private Scores() {}

  /**
   * The operands whose zeroes switch query-key columns off.
   *
   * @param weighted the product that the layer behind the heads reads
   * @return null if heads or columns are not found in them
   */
  static @Nullable List<Place> places(BlockPlan block, Node weighted, Flow flow, ShapeFacts facts) {
    if (block.heads() == null || block.qkWidth() == null) {
      return null;
    }
    int heads = block.heads();
    int width = block.qkWidth();
    if (Flow.isFused(weighted)) {
      return fused(weighted, heads, width, facts);
    }
    Multiplication outer = flow.at(weighted);
    if (outer == null) {
      return null;
    }
    for (int position : List.of(outer.left(), outer.right())) {
      List<Node> way = flow.toProduct(outer.operand(position));
      Multiplication inner = way == null ? null : flow.at(way.get(way.size() - 1));
      if (way == null || inner == null) {
        continue;
      }
      // Keys meet queries first, or values first: then queries come last, over the columns.
      boolean scores = extent(inner, inner.left(), facts) == width;
      boolean linear = extent(outer, outer.other(position), facts) == width;
      if (scores && linear) {
        linear = !Reading.isNormalised(way);
        scores = !linear;
        if (linear) {
          return null; // as many tokens as columns: either could be meant
        }
      }
      Place place =
          scores
              ? place(inner, inner.left(), heads, width, facts)
              : linear ? place(outer, outer.other(position), heads, width, facts) : null;
      if (place != null && isReadElsewhere(place)) {
        return null; // as where positions are scored by the queries, or these have a norm
      }
      Place switchable = place == null ? null : switchable(place, facts);
      return switchable == null ? null : List.of(switchable);
    }
    return null;
  }

  /** Operators that hand queries on as they are, but for their form. */
  private static final Set<String> PASSING =
      Set.of(
          "Add",
          "Cast",
          "Div",
          "Expand",
          "Identity",
          "Mul",
          "Reshape",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  /** Products and norms: what they return is no longer the queries, and all columns are in it. */
  private static final Set<String> READERS =
      Set.of(
          "MatMul",
          "FusedMatMul",
          "QLinearMatMul",
          "Einsum",
          "Gemm",
          "Conv",
          "ReduceL2",
          "ReduceSum",
          "ReduceSumSquare",
          "ReduceMean",
          "LpNormalization");

  /**
   * Whether what a place reads takes part in another product, or in a norm by which it is divided:
   * switched off behind that, a column would still count in it.
   */
  private static boolean isReadElsewhere(Place place) {
    Value value = place.value();
    Set<Node> seen = new HashSet<>(Set.of(place.node()));
    while (true) {
      if (meetsAReader(value, seen)) {
        return true;
      }
      Node producer = value.producer().orElse(null);
      if (producer != null && producer.is("LpNormalization")) {
        return true;
      }
      if (producer == null || !PASSING.contains(producer.op().type())) {
        return false; // from here on it may be keys and values, too
      }
      List<Value> data =
          DataOperands.of(producer).stream()
              .filter(operand -> ConstantValue.of(operand) == null)
              .toList();
      if (data.isEmpty()) {
        return false;
      }
      value = data.get(0);
    }
  }

  private static boolean meetsAReader(Value from, Set<Node> seen) {
    Deque<Value> frontier = new ArrayDeque<>(List.of(from));
    while (!frontier.isEmpty()) {
      for (var use : frontier.remove().uses()) {
        Node node = use.node();
        if (node.is("Shape") || node.is("Size") || !seen.add(node)) {
          continue;
        }
        if (READERS.contains(node.op().type())) {
          return true;
        }
        node.presentOutputs().forEach(frontier::add);
      }
    }
    return false;
  }

  private static long extent(Multiplication at, int position, ShapeFacts facts) {
    List<Size> shape = facts.shape(at.operand(position));
    List<Integer> axes = at.axes(position);
    if (shape == null || axes.size() != 1) {
      return -1;
    }
    Size size = shape.get(Math.floorMod(axes.get(0), shape.size()));
    return size.isKnown() ? size.value() : -1;
  }

  private static @Nullable Place place(
      Multiplication at, int position, int heads, int width, ShapeFacts facts) {
    List<Size> shape = facts.shape(at.operand(position));
    if (shape == null) {
      return null;
    }
    int rank = shape.size();
    int column = Math.floorMod(at.axes(position).get(0), rank);
    List<Integer> batch = new ArrayList<>(at.batchAxes(position, rank));
    Collections.reverse(batch);
    List<Integer> headAxes = heads == 1 ? List.of() : null;
    MergedHeads merged = MergedHeads.NOT;
    for (int axis : batch) {
      if (headAxes == null && shape.get(axis).is(heads)) {
        headAxes = List.of(axis);
      }
    }
    for (int axis : batch) { // groups of heads that share keys
      if (headAxes == null
          && batch.contains(axis - 1)
          && shape.get(axis).times(shape.get(axis - 1)).is(heads)) {
        headAxes = List.of(axis - 1, axis);
      }
    }
    if (headAxes == null
        && batch.contains(0)
        && shape.get(0).dividedBy(Size.of(heads)) != null) { // batch and heads on one axis
      headAxes = List.of(0);
      merged = MergedHeads.of(at.operand(position), heads, facts);
    }
    return headAxes == null || merged == null
        ? null
        : place(at.node(), position, shape, headAxes, heads, column, width, merged);
  }

  private static Place place(
      Node node,
      int input,
      List<Size> shape,
      List<Integer> headAxes,
      int heads,
      int column,
      int width,
      MergedHeads merged) {
    List<Integer> axes = new ArrayList<>(headAxes);
    axes.add(column);
    Collections.sort(axes);
    int[] extents = new int[axes.size()];
    int all = 1;
    for (int i = 0; i < extents.length; i++) {
      boolean tiled = merged != MergedHeads.NOT && axes.get(i) == 0;
      extents[i] = tiled ? heads : Math.toIntExact(shape.get(axes.get(i)).value());
      all *= extents[i];
    }
    int[] slots = new int[all];
    for (int element = 0; element < all; element++) {
      int rest = element;
      int head = 0;
      int scale = 1;
      int at = 0;
      for (int i = extents.length - 1; i >= 0; i--) {
        int coordinate = rest % extents[i];
        rest /= extents[i];
        if (axes.get(i) == column) {
          at = coordinate;
        } else {
          head += coordinate * scale;
          scale *= extents[i];
        }
      }
      slots[element] = head * width + at;
    }
    return new Place(node, input, shape.size(), axes, extents, slots, merged);
  }

  /** Operators that are a whole attention, by their specifications. */
  private static @Nullable List<Place> fused(Node node, int heads, int width, ShapeFacts facts) {
    List<@Nullable Place> places = new ArrayList<>();
    boolean microsoft = node.op().domain().equals(OpId.MICROSOFT);
    int slots = heads * width;
    switch (node.op().type()) {
      case "Attention", "PackedAttention" -> {
        if (microsoft) { // X, W [D, queries + keys + values], bias
          places.add(Place.counting(node, 1, List.of(-1), slots, facts));
          addIfPresent(node, 2, slots, facts, places);
        } else { // Q [B,L,H*d] or [B,H,L,d]
          List<Size> shape = facts.shape(node.input(0));
          boolean merged = shape != null && shape.size() == 3;
          places.add(Place.counting(node, 0, merged ? List.of(-1) : List.of(1, -1), slots, facts));
        }
      }
      case "MultiHeadAttention" -> { // query, key, value, bias of all three
        places.add(Place.counting(node, 0, List.of(-1), slots, facts));
        addIfPresent(node, 3, slots, facts, places);
      }
      default -> places.add(null);
    }
    List<Place> all = new ArrayList<>();
    for (Place place : places) {
      if (place == null || !place.isSwitchable(facts)) {
        return null;
      }
      all.add(place);
    }
    return all;
  }

  private static void addIfPresent(
      Node node, int input, int slots, ShapeFacts facts, List<@Nullable Place> places) {
    if (node.optionalInput(input) != null) {
      places.add(Place.counting(node, input, List.of(-1), slots, facts));
    }
  }

  /** The place itself, or where the integers it reads are still floats; null if neither can be. */
  static @Nullable Place switchable(Place place, ShapeFacts facts) {
    if (place.isSwitchable(facts)) {
      return place;
    }
    Value value = place.value();
    Node producer = value.producer().orElse(null);
    if (producer == null || !producer.is("DynamicQuantizeLinear")) {
      return null;
    }
    return new Place(
        producer, 0, place.rank(), place.axes(), place.extents(), place.slots(), place.merged());
  }
}
