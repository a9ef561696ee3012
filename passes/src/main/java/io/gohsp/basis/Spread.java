package io.gohsp.basis;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.axis.Meeting;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows a change of basis from one value to all that have to change with it, node by node, until
 * it ends in constants and products, or meets something that does not allow it.
 */
final class Spread {
  /** A value that is written in another basis along a factor. */
  record Occurrence(Value value, Factor factor) {}

  private final AxisAnalysis sides;
  private final Map<Occurrence, Boolean> dual = new LinkedHashMap<>();
  private final Deque<Occurrence> open = new ArrayDeque<>();
  private @Nullable Fixed obstacle;
  private @Nullable Fixed conflict;

  /**
   * @param sides the analysis that tells queries from keys
   */
  Spread(AxisAnalysis sides) {
    this.sides = sides;
  }

  /** Whether the factor is on an axis of the value. */
  boolean carries(@Nullable Value value, Factor factor) {
    List<AxisLayout> layouts = value == null ? null : sides.layout(value);
    return layouts != null && layouts.stream().anyMatch(axis -> has(axis, factor));
  }

  private static boolean has(AxisLayout layout, Factor factor) {
    return layout.factors().anyMatch(f -> f == factor);
  }

  /** The value changes along the factor, by the basis or by its inverse transpose. */
  void add(Value value, Factor factor, boolean isDual, @Nullable Node via) {
    Occurrence occurrence = new Occurrence(value, factor);
    Boolean known = dual.putIfAbsent(occurrence, isDual);
    if (known == null) {
      open.add(occurrence);
    } else if (known != isDual && conflict == null) {
      conflict = new Fixed(via, "would be needed in two bases at once");
    }
  }

  /** Nothing can change, for this reason; the first one counts. */
  void bind(@Nullable Node node, String reason) {
    if (obstacle == null) {
      obstacle = new Fixed(node, reason);
    }
  }

  /** Why nothing can change; null if it can. What two sides have in common says more than that. */
  @Nullable Fixed obstacle() {
    return obstacle == null ? conflict : obstacle;
  }

  /** Follows everything that was added. */
  void run() {
    while (obstacle == null && !open.isEmpty()) {
      Occurrence next = open.remove();
      visit(next.value(), next.factor(), dual.getOrDefault(next, false));
    }
  }

  private void visit(Value value, Factor factor, boolean isDual) {
    Node producer = value.producer().orElse(null);
    boolean stored = ConstantValue.of(value) != null;
    long axes =
        java.util.Objects.requireNonNull(sides.layout(value)).stream()
            .filter(axis -> has(axis, factor))
            .count();
    if (axes > 1) {
      bind(producer, "meets itself in one value");
    } else if (value.isGraphOutput()) {
      bind(producer, "is part of the model's output \"" + value.name() + "\"");
    } else if (!stored && producer == null) {
      bind(null, "is part of the model's input \"" + value.name() + "\"");
    } else if (stored && !isReal(value)) {
      bind(value.uses().isEmpty() ? producer : value.uses().get(0).node(), "is quantised");
    } else {
      Stream<Node> readers = value.uses().stream().map(use -> use.node());
      Stream.concat(stored ? Stream.empty() : Stream.ofNullable(producer), readers)
          .distinct()
          .forEach(node -> BasisRules.of(node).spread(node, value, factor, isDual, this));
    }
  }

  private static boolean isReal(Value stored) {
    return java.util.Objects.requireNonNull(ConstantValue.of(stored)).type().isFloating();
  }

  /** Factors that {@code factor} meets in the product. */
  List<Factor> met(Node product, Factor factor) {
    List<Factor> met = new ArrayList<>();
    for (Meeting meeting : sides.meetings()) {
      if (meeting.node() == product) {
        collect(meeting.left(), meeting.right(), factor, met);
        collect(meeting.right(), meeting.left(), factor, met);
      }
    }
    return met;
  }

  /** Both layouts have one shape where they are the same axis seen from two sides. */
  private void collect(AxisLayout own, AxisLayout other, Factor factor, List<Factor> met) {
    if (!has(own, factor)) {
      return;
    }
    if (own instanceof Leaf && other instanceof Leaf leaf) {
      met.add(leaf.factor());
      return;
    }
    List<AxisLayout> parts = parts(own);
    List<AxisLayout> others = parts(other);
    boolean same = own.getClass() == other.getClass() && parts.size() == others.size();
    for (int i = 0; same && i < parts.size(); i++) {
      same = parts.get(i).size().equals(others.get(i).size());
    }
    for (int i = 0; same && i < parts.size(); i++) {
      collect(parts.get(i), others.get(i), factor, met);
    }
  }

  private static List<AxisLayout> parts(AxisLayout layout) {
    return layout instanceof Sum sum
        ? sum.parts()
        : layout instanceof Product product ? product.parts() : List.of();
  }

  /** Every value that changes. */
  Set<Value> values() {
    return dual.keySet().stream().map(Occurrence::value).collect(Collectors.toSet());
  }

  /** The constants that change. */
  List<Place> places() {
    List<Place> places = new ArrayList<>();
    dual.forEach(
        (occurrence, isDual) -> {
          if (ConstantValue.of(occurrence.value()) != null) {
            places.add(new Place(occurrence.value(), occurrence.factor(), isDual));
          }
        });
    return places;
  }
}
