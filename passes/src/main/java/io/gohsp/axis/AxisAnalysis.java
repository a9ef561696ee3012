package io.gohsp.axis;

import io.gohsp.ir.AtNode;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The result of relating all axes of a model: for every value the layout of its axes in terms of
 * factors that are shared wherever positions go together, and the contractions that make removing
 * them exact. Immutable.
 */
public final class AxisAnalysis {
  private final Map<Value, List<AxisLayout>> layouts;

  /** The values that have a factor; made when first asked for. */
  private @Nullable Map<Factor, List<Value>> places;

  private final List<Contraction> contractions;
  private final Map<Node, List<Contraction>> byNode = new HashMap<>();

  /** By factor the places of the contractions that add up over it. */
  private final Map<Factor, List<Integer>> adding = new HashMap<>();

  /** By factor the nodes that compute its positions from each other; made when first asked for. */
  private @Nullable Map<Factor, List<Node>> mixing;

  private final Map<Node, Map<Integer, List<AxisLayout>>> pieces;
  private final Map<Node, Set<Factor>> fixedAt;
  private final Set<Value> constants;
  private final List<Meeting> meetings;
  private final UnknownOperators unknown;

  private AxisAnalysis(Axes axes, Set<Value> constants) {
    Map<Value, List<AxisLayout>> resolved = new LinkedHashMap<>();
    axes.layouts()
        .forEach(
            (value, all) ->
                resolved.put(
                    value, AtNode.get(value, () -> all.stream().map(axes::resolve).toList())));
    this.layouts = Collections.unmodifiableMap(resolved);
    this.layouts.forEach(
        (value, all) -> all.forEach(layout -> fixRepeated(layout, value.producer().orElse(null))));
    this.contractions =
        axes.contractions().stream()
            .map(
                c ->
                    AtNode.get(
                        c.node(),
                        () ->
                            new Contraction(
                                c.node(),
                                c.kind(),
                                axes.resolve(c.reduced()),
                                c.gates(),
                                c.batch().stream().map(axes::resolve).toList(),
                                c.free().stream().map(axes::resolve).toList())))
            .toList();
    Map<Node, Map<Integer, List<AxisLayout>>> parts = new HashMap<>();
    axes.pieces()
        .forEach(
            (node, byAxis) -> {
              Map<Integer, List<AxisLayout>> resolvedParts = new LinkedHashMap<>();
              byAxis.forEach(
                  (axis, all) ->
                      resolvedParts.put(
                          axis, AtNode.get(node, () -> all.stream().map(axes::resolve).toList())));
              parts.put(node, resolvedParts);
            });
    this.pieces = parts;
    this.fixedAt = new LinkedHashMap<>();
    axes.fixedAt()
        .forEach(
            (node, fixed) ->
                fixedAt.put(
                    node,
                    AtNode.get(
                        node,
                        () ->
                            fixed.stream()
                                .map(axes::resolve)
                                .flatMap(AxisLayout::factors)
                                .collect(Collectors.toSet()))));
    this.constants = constants;
    this.meetings =
        axes.meetings().stream()
            .map(
                m ->
                    AtNode.get(
                        m.node(),
                        () ->
                            new Meeting(m.node(), axes.resolve(m.left()), axes.resolve(m.right()))))
            .toList();
    this.unknown = UnknownOperators.of(axes.unknown());
    index();
  }

  private AxisAnalysis(
      AxisAnalysis whole, Set<Node> nodes, Map<Value, List<AxisLayout>> constants) {
    layouts = new LinkedHashMap<>(whole.layouts);
    layouts.putAll(constants);
    layouts.keySet().removeIf(v -> v.producer().isPresent() && !nodes.contains(v.producer().get()));
    contractions = whole.contractions.stream().filter(c -> nodes.contains(c.node())).toList();
    pieces = whole.pieces;
    fixedAt = new LinkedHashMap<>(whole.fixedAt);
    fixedAt.keySet().retainAll(nodes);
    this.constants = new HashSet<>(whole.constants);
    this.constants.addAll(constants.keySet());
    meetings = whole.meetings.stream().filter(m -> nodes.contains(m.node())).toList();
    unknown = whole.unknown;
    index();
  }

  private void index() {
    for (int place = 0; place < contractions.size(); place++) {
      Contraction contraction = contractions.get(place);
      byNode.computeIfAbsent(contraction.node(), n -> new ArrayList<>()).add(contraction);
      for (Factor factor : contraction.reduced().factors().collect(Collectors.toSet())) {
        adding.computeIfAbsent(factor, f -> new ArrayList<>()).add(place);
      }
    }
  }

  /**
   * The same, of the nodes that a rewrite has left in the model.
   *
   * @param constants that it has added, with what their axes are made of
   */
  public AxisAnalysis ofWhatIsLeft(Model model, Map<Value, List<AxisLayout>> constants) {
    return new AxisAnalysis(
        this, Traversal.nodesWithin(model.graph()).collect(Collectors.toSet()), constants);
  }

  /**
   * Analyses a model without local functions (they are inlined before).
   *
   * @param facts shapes of this very model
   */
  public static AxisAnalysis of(Model model, ShapeFacts facts) {
    return of(model, facts, false);
  }

  /**
   * The same, but the two axes that a product of activations adds up over keep factors of their
   * own: queries and keys, which may be written in different bases. {@link #meetings} has the
   * pairs.
   *
   * @param facts shapes of this very model
   */
  public static AxisAnalysis withSidesApart(Model model, ShapeFacts facts) {
    return of(model, facts, true);
  }

  private static AxisAnalysis of(Model model, ShapeFacts facts, boolean sidesApart) {
    Set<Value> constants = constantValues(model);
    Axes axes = new Axes(facts, constants, sidesApart);
    model.graph().inputs().stream()
        .filter(input -> input.constant() == null)
        .forEach(
            input ->
                axes.fixValue(
                    input, null, "is an axis of the model's input \"" + input.name() + "\""));
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      relate(node, axes);
    }
    for (Value output : model.graph().outputs()) {
      axes.fixValue(output, null, "is an axis of the model's output \"" + output.name() + "\"");
      ReturnedExtents.fix(output, axes);
    }
    return new AxisAnalysis(axes, constants);
  }

  /**
   * An axis that is made of a factor twice over (a matrix of an axis against itself, flattened)
   * would lose rows and columns; that no selection along one factor can say.
   */
  private static void fixRepeated(AxisLayout layout, @Nullable Node where) {
    if (layout instanceof AxisLayout.Sum sum) {
      sum.parts().forEach(part -> fixRepeated(part, where));
    } else if (layout instanceof AxisLayout.Product product) {
      Set<Factor> seen = new HashSet<>();
      for (AxisLayout part : product.parts()) {
        fixRepeated(part, where);
        Set<Factor> here = part.factors().collect(Collectors.toSet());
        here.stream()
            .filter(seen::contains)
            .forEach(factor -> factor.fix(new Fixed(where, "meets itself on one axis")));
        seen.addAll(here);
      }
    }
  }

  private static void relate(Node node, Axes axes) {
    if (isShapeArithmetic(node, axes)) {
      node.presentOutputs()
          .forEach(value -> axes.fixValue(value, node, "is part of a computed shape"));
      return;
    }
    AxisRule rule = AxisRules.standard().get(node.op());
    if (rule == null) {
      if (isOnActivations(node, axes)) {
        axes.unknown(node);
      }
      axes.fixAll(node, "operator " + node.op() + " has no axis rule");
      node.subgraphs()
          .flatMap(Traversal::nodesWithin)
          .forEach(
              inner -> axes.fixAll(inner, "is inside " + node.op() + ", which has no axis rule"));
      return;
    }
    List<Value> unranked =
        Stream.concat(node.presentInputs(), node.presentOutputs())
            .filter(value -> !axes.isRanked(value))
            .toList();
    if (unranked.isEmpty()) {
      AtNode.run(node, () -> rule.relate(node, axes));
    } else {
      axes.fixAll(node, unknownShape(unranked.get(0), axes));
    }
  }

  /** That a shape is not known, and which node upstream is the first of which none is. */
  private static String unknownShape(Value value, Axes axes) {
    Value first = value;
    Optional<Value> next = Optional.of(value);
    while (next.isPresent()) {
      first = next.get();
      next =
          first.producer().stream()
              .flatMap(Node::presentInputs)
              .filter(input -> !axes.isRanked(input))
              .findFirst();
    }
    return "the shape of \"%s\" is not known%s"
        .formatted(
            value.name(),
            first.producer().map(node -> ", nor what " + node.op() + " returns").orElse(""));
  }

  /**
   * Whether the node only computes with shapes: its results are small whole-number tensors whose
   * contents are known. Tensors of bytes are quantised weights, those of several axes tables, and
   * what comes of constants alone is one, unless it looks at their extents.
   */
  private static boolean isShapeArithmetic(Node node, Axes axes) {
    boolean constant = node.presentOutputs().allMatch(axes::isConstant);
    return (!constant || node.is("Shape") || node.is("Size"))
        && node.presentOutputs().findAny().isPresent()
        && node.presentOutputs()
            .allMatch(
                value ->
                    axes.facts().data(value) != null
                        && axes.rank(value) <= 1
                        && !isByte(axes.facts().type(value)));
  }

  /** Whether the node makes anything but whole numbers and truth values of an activation. */
  private static boolean isOnActivations(Node node, Axes axes) {
    return node.presentInputs().anyMatch(value -> !axes.isConstant(value))
        && node.presentOutputs()
            .map(value -> axes.facts().type(value))
            .anyMatch(type -> type == null || type.isFloating() || isByte(type));
  }

  private static boolean isByte(@Nullable ElementType type) {
    return type == ElementType.INT8 || type == ElementType.UINT8;
  }

  /**
   * Values computed from initializers alone: weights, whatever stands between them and their use.
   */
  private static Set<Value> constantValues(Model model) {
    Set<Value> constants = new HashSet<>();
    Traversal.graphsWithin(model.graph()).map(Graph::initializers).forEach(constants::addAll);
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      boolean pure = node.subgraphs().findAny().isEmpty() && !node.op().type().startsWith("Random");
      if (pure && node.presentInputs().allMatch(constants::contains)) {
        node.presentOutputs().forEach(constants::add);
      }
    }
    return Collections.unmodifiableSet(constants);
  }

  /** The axes of a value, in order; null if no rule asked for them or the rank is unknown. */
  public @Nullable List<AxisLayout> layout(Value value) {
    return layouts.get(value);
  }

  /** Every value with known axes, in graph order. */
  public Map<Value, List<AxisLayout>> layouts() {
    return layouts;
  }

  /** Every value with an axis of a factor, in graph order. */
  public List<Value> valuesWith(Factor factor) {
    if (places == null) {
      Map<Factor, List<Value>> found = new HashMap<>();
      layouts.forEach(
          (value, all) ->
              all.stream()
                  .flatMap(AxisLayout::factors)
                  .distinct()
                  .forEach(f -> found.computeIfAbsent(f, none -> new ArrayList<>()).add(value)));
      places = found;
    }
    return places.getOrDefault(factor, List.of());
  }

  /** The operators on activations that have no rule. */
  public UnknownOperators unknownOperators() {
    return unknown;
  }

  /** Every contraction, in graph order. */
  public List<Contraction> contractions() {
    return contractions;
  }

  /** Those of a node, in graph order. */
  public List<Contraction> contractions(Node node) {
    return byNode.getOrDefault(node, List.of());
  }

  /** Those that add up over one of some factors, in graph order. */
  public List<Contraction> addingUpOver(Collection<Factor> factors) {
    return factors.stream()
        .flatMap(factor -> adding.getOrDefault(factor, List.of()).stream())
        .distinct()
        .sorted()
        .map(contractions::get)
        .toList();
  }

  /** What meets in products of activations; empty unless sides are told apart. */
  public List<Meeting> meetings() {
    return meetings;
  }

  /**
   * Whether some node computes the positions of one factor from each other (it normalises along
   * them, for example) on values that have the other factor, too: what each position has of the
   * other must then be the same.
   */
  public boolean mixes(Factor factor, Factor carried) {
    if (mixing == null) {
      Map<Factor, List<Node>> found = new HashMap<>();
      fixedAt.forEach(
          (node, fixed) ->
              fixed.forEach(f -> found.computeIfAbsent(f, none -> new ArrayList<>()).add(node)));
      mixing = found;
    }
    return mixing.getOrDefault(factor, List.of()).stream()
        .flatMap(node -> Stream.concat(node.presentInputs(), node.presentOutputs()))
        .map(layouts::get)
        .filter(Objects::nonNull)
        .flatMap(List::stream)
        .flatMap(AxisLayout::factors)
        .anyMatch(carried::equals);
  }

  /** How a Slice or Gather divides an axis: before, taken, after; null if it does not. */
  public @Nullable List<AxisLayout> pieces(Node node, int axis) {
    Map<Integer, List<AxisLayout>> byAxis = pieces.get(node);
    return byAxis == null ? null : byAxis.get(axis);
  }

  /** Whether the value is computed from initializers alone. */
  public boolean isConstant(Value value) {
    return constants.contains(value);
  }
}
