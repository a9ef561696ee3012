package io.gohsp.axis;

import io.gohsp.ir.AtNode;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What axis rules write to: layouts of values, constraints between them, contractions, reasons. */
final class Axes {
  private final ShapeFacts facts;
  private final Set<Value> constants;
  private final Unifier unifier = new Unifier();
  private final Map<Value, List<AxisLayout>> layouts = new LinkedHashMap<>();
  private final List<Contraction> contractions = new ArrayList<>();
  private final Map<Node, Map<Integer, List<AxisLayout>>> pieces = new HashMap<>();
  private final boolean sidesApart;
  private final List<Meeting> meetings = new ArrayList<>();
  private final List<Node> unknown = new ArrayList<>();
  private final Map<Node, List<AxisLayout>> fixedAt = new LinkedHashMap<>();

  /**
   * @param constants values computed from initializers alone
   * @param sidesApart whether the two axes that a product of activations adds up over are told
   *     apart
   */
  Axes(ShapeFacts facts, Set<Value> constants, boolean sidesApart) {
    this.facts = facts;
    this.constants = constants;
    this.sidesApart = sidesApart;
  }

  ShapeFacts facts() {
    return facts;
  }

  /** Whether every axis of the value is known, if only as a symbol. */
  boolean isRanked(Value value) {
    return facts.shape(value) != null;
  }

  /** The axes of a value of known rank. */
  List<AxisLayout> of(Value value) {
    List<AxisLayout> known = layouts.get(value);
    if (known == null) {
      List<Size> shape = facts.shape(value);
      if (shape == null) {
        throw new IllegalStateException(value + " has no known rank");
      }
      known = shape.stream().map(unifier::fresh).toList();
      layouts.put(value, known);
    }
    return known;
  }

  /** One axis of a value; negative positions count from the end. */
  AxisLayout of(Value value, int axis) {
    List<AxisLayout> all = of(value);
    return all.get(axis < 0 ? axis + all.size() : axis);
  }

  int rank(Value value) {
    return of(value).size();
  }

  Size size(Value value, int axis) {
    return of(value, axis).size();
  }

  /** Whether the axis has exactly one position, known now. */
  boolean isOne(Value value, int axis) {
    Size size = size(value, axis);
    return size.isKnown() && size.value() == 1;
  }

  boolean isConstant(Value value) {
    return constants.contains(value);
  }

  AxisLayout fresh(Size size) {
    return unifier.fresh(size);
  }

  AxisLayout product(AxisLayout... parts) {
    return new AxisLayout.Product(List.of(parts));
  }

  AxisLayout sum(AxisLayout... parts) {
    return new AxisLayout.Sum(List.of(parts));
  }

  void unify(AxisLayout a, AxisLayout b, Node where) {
    unifier.unify(a, b, where);
  }

  /**
   * The two axes that a product adds up over: one axis, but for products of activations where sides
   * are told apart.
   */
  void meet(AxisLayout left, AxisLayout right, Contraction.Kind kind, Node where) {
    if (sidesApart && kind == Contraction.Kind.ACTIVATIONS) {
      meetings.add(new Meeting(where, left, right));
    } else {
      unify(left, right, where);
    }
  }

  /** What an attention adds up over, as its second operand has it: see {@link #meet}. */
  AxisLayout counterpart(AxisLayout left, Node where) {
    AxisLayout right = sidesApart ? fresh(left.size()) : left;
    meet(left, right, Contraction.Kind.ACTIVATIONS, where);
    return right;
  }

  void unifyProducts(List<AxisLayout> a, List<AxisLayout> b, Node where) {
    unifier.unifyProducts(a, b, where);
  }

  /** Makes all axes of two values of one rank the same. */
  void unifyAll(Value a, Value b, Node where) {
    if (rank(a) != rank(b)) {
      fixAll(where, "operands of different rank");
      return;
    }
    for (int axis = 0; axis < rank(a); axis++) {
      unify(of(a, axis), of(b, axis), where);
    }
  }

  /** Numpy broadcasting: axes are matched from the last, those of extent one match anything. */
  void broadcast(Value from, Value to, Node where) {
    int shift = rank(to) - rank(from);
    for (int axis = 0; axis < rank(from); axis++) {
      if (axis + shift < 0) {
        fix(of(from, axis), where, "broadcast to a lower rank");
      } else if (!isOne(from, axis)) {
        match(of(from, axis), of(to, axis + shift), where);
      }
    }
  }

  /**
   * Makes two axes one that are broadcast against each other. Where their sizes have other symbols
   * only run time can tell that these are equal, but parts that both have at an end are one.
   */
  void match(AxisLayout a, AxisLayout b, Node where) {
    if (a.size().equals(b.size())) {
      unify(a, b, where);
    } else {
      unifyProducts(List.of(a), List.of(b), where);
    }
  }

  void fix(AxisLayout layout, @Nullable Node where, String reason) {
    unifier.fix(layout, new Fixed(where, reason));
    if (where != null) {
      fixedAt.computeIfAbsent(where, node -> new ArrayList<>()).add(layout);
    }
  }

  /** Axes that a node made immovable, by node. */
  Map<Node, List<AxisLayout>> fixedAt() {
    return fixedAt;
  }

  /**
   * Makes all axes of a value immovable. A value of unknown rank has none that anybody could move.
   */
  void fixValue(Value value, @Nullable Node where, String reason) {
    if (isRanked(value)) {
      AtNode.run(value, () -> of(value).forEach(axis -> fix(axis, where, reason)));
    }
  }

  /** Makes all axes of everything that the node or a branch of it reads or returns immovable. */
  void fixAll(Node node, String reason) {
    node.subgraphs()
        .flatMap(branch -> branch.outputs().stream())
        .forEach(value -> fixValue(value, node, reason));
    node.presentInputs().forEach(value -> fixValue(value, node, reason));
    node.presentOutputs().forEach(value -> fixValue(value, node, reason));
  }

  void contract(Contraction contraction) {
    contractions.add(contraction);
  }

  /** Remembers how a node divides an axis (before, taken, after), for the repair of its bounds. */
  void pieces(Node node, int axis, List<AxisLayout> parts) {
    pieces.computeIfAbsent(node, n -> new HashMap<>()).put(axis, parts);
  }

  /** Remembers a node that no rule describes. */
  void unknown(Node node) {
    unknown.add(node);
  }

  List<Node> unknown() {
    return unknown;
  }

  AxisLayout resolve(AxisLayout layout) {
    return unifier.resolve(layout);
  }

  Map<Value, List<AxisLayout>> layouts() {
    return layouts;
  }

  List<Meeting> meetings() {
    return meetings;
  }

  List<Contraction> contractions() {
    return contractions;
  }

  Map<Node, Map<Integer, List<AxisLayout>>> pieces() {
    return pieces;
  }
}
