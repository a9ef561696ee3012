package io.gohsp.autodiff;

import io.gohsp.ir.AtNode;
import io.gohsp.ir.Graph;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.lower.KnownAttributes;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reverse mode: appends to a graph the nodes that compute gradients. Walks only nodes that lie
 * between a seed and a wanted value, from the last to the first; knows no operator by name.
 */
public final class Backward {
  /** Whole numbers do not change a little; what was rounded away is in the float model. */
  private static final String QUANTISED = "quantised: fine-tune the float model";

  /** An If that {@code Branches} could not take apart. */
  private static final String BRANCHES =
      "its branches return other shapes, or hold further graphs: export with fixed sizes, by"
          + " PyTorch's dynamo exporter, which leaves out what never runs";

  private final Graph graph;
  private final ShapeFacts facts;
  private final GradientRules rules;
  private final Set<Value> active = new HashSet<>();
  private final Map<Value, List<Value>> contributions = new LinkedHashMap<>();
  private final Map<Value, Value> gradients = new LinkedHashMap<>();
  private final Map<Value, GradientContext.Placement> placements = new LinkedHashMap<>();

  private Backward(Graph graph, ShapeFacts facts, GradientRules rules) {
    this.graph = graph;
    this.facts = facts;
    this.rules = rules;
  }

  /**
   * Appends the backward pass.
   *
   * @param facts shapes of the graph as it is
   * @param seeds values with their gradients, which have the same shape; usually the loss and 1
   * @param wanted values whose gradients are asked for: inputs, initializers or results
   * @return the gradient of each wanted value that a seed depends on, in the order of {@code
   *     wanted}, of the value's shape
   * @throws ModelException.Unsupported listing every operator on the way that has no rule
   */
  public static Map<Value, Value> append(
      Graph graph, ShapeFacts facts, Map<Value, Value> seeds, Collection<Value> wanted) {
    return new Backward(graph, facts, GradientRules.standard()).run(seeds, wanted);
  }

  private Map<Value, Value> run(Map<Value, Value> seeds, Collection<Value> wanted) {
    List<Node> path = path(seeds.keySet(), wanted);
    List<Node> missing = path.stream().filter(node -> rules.of(node.op()) == null).toList();
    if (!missing.isEmpty()) {
      if (missing.stream().anyMatch(node -> rules.isQuantised(node.op()))) {
        throw new ModelException.Unsupported("gradient rule", missing, QUANTISED);
      }
      throw missing.stream().allMatch(node -> node.is("If"))
          ? new ModelException.Unsupported("gradient rule", missing, BRANCHES)
          : new ModelException.Unsupported("gradient rule", missing);
    }
    seeds.forEach((value, seed) -> contribute(value, seed));
    GraphBuilder builder = GraphBuilder.appendingTo(graph);
    for (int i = path.size() - 1; i >= 0; i--) {
      differentiate(path.get(i), builder);
    }
    Map<Value, Value> result = new LinkedHashMap<>();
    for (Value value : wanted) {
      Value gradient = gradient(value, builder.in("grad").in(value.name()));
      if (gradient != null) {
        result.put(value, gradient);
      }
    }
    return result;
  }

  /** The nodes between the wanted values and the seeds, in order. */
  private List<Node> path(Set<Value> seeds, Collection<Value> wanted) {
    active.addAll(wanted);
    List<Node> forward = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (operands(node).noneMatch(active::contains) || rules.gradientFree().contains(node.op())) {
        continue;
      }
      boolean known =
          rules.of(node.op()) != null; // quantisation returns whole numbers, and no rule
      List<Value> outputs =
          node.presentOutputs().filter(output -> !known || isDifferentiable(output)).toList();
      if (!outputs.isEmpty()) {
        active.addAll(outputs);
        forward.add(node);
      }
    }
    Set<Value> reaching = new HashSet<>(seeds);
    List<Node> path = new ArrayList<>();
    for (int i = forward.size() - 1; i >= 0; i--) {
      Node node = forward.get(i);
      if (node.presentOutputs().anyMatch(reaching::contains)) {
        operands(node).filter(active::contains).forEach(reaching::add);
        path.add(0, node);
      }
    }
    return path;
  }

  /** What a node reads, through nested graphs too. */
  private static Stream<Value> operands(Node node) {
    return Stream.concat(
        node.presentInputs(),
        node.subgraphs().flatMap(Traversal::nodesWithin).flatMap(Node::presentInputs));
  }

  private boolean isDifferentiable(Value value) {
    ElementType type = facts.type(value);
    return type == null || type.isFloating();
  }

  private void differentiate(Node node, GraphBuilder builder) {
    GraphBuilder g = builder.in("grad").in(node.presentOutputs().findFirst().orElseThrow().name());
    List<@Nullable Value> outputs = new ArrayList<>();
    for (Value output : node.outputs()) {
      outputs.add(output == null ? null : gradient(output, g));
    }
    if (outputs.stream().allMatch(Objects::isNull)) {
      return;
    }
    KnownAttributes.require(node);
    GradientContext context =
        new GradientContext(node, g, facts, active::contains, gradients::get, placements);
    List<@Nullable Value> inputs =
        AtNode.get(
            node,
            () -> Objects.requireNonNull(rules.of(node.op())).backward(node, outputs, context));
    for (int i = 0; i < inputs.size(); i++) {
      Value gradient = inputs.get(i);
      Value input = node.optionalInput(i);
      if (gradient != null && input != null && active.contains(input)) {
        contribute(input, gradient);
      }
    }
  }

  private void contribute(Value value, Value gradient) {
    contributions.computeIfAbsent(value, v -> new ArrayList<>()).add(gradient);
  }

  /** All contributions to one value added up; null if there are none. */
  private @Nullable Value gradient(Value value, GraphBuilder g) {
    Value known = gradients.get(value);
    List<Value> parts = contributions.get(value);
    if (known != null || parts == null) {
      return known;
    }
    Value total = parts.size() == 1 ? parts.get(0) : tiled(value, parts, g);
    if (total == null) {
      total = parts.get(0);
      for (Value part : parts.subList(1, parts.size())) {
        total = g.add(total, part);
      }
    }
    gradients.put(value, total);
    return total;
  }

  /** One Concat, if each contribution fills one range and the ranges fill the value. */
  private @Nullable Value tiled(Value value, List<Value> parts, GraphBuilder g) {
    List<GradientContext.Placement> tiles = new ArrayList<>();
    for (Value part : parts) {
      GradientContext.Placement tile = placements.get(part);
      if (tile == null || tile.whole() != value) {
        return null;
      }
      tiles.add(tile);
    }
    int axis = tiles.get(0).axis();
    tiles.sort(Comparator.comparingLong(GradientContext.Placement::begin));
    long at = 0;
    for (GradientContext.Placement tile : tiles) {
      if (tile.axis() != axis || tile.begin() != at) {
        return null;
      }
      at += tile.size();
    }
    List<Size> shape = facts.shape(value);
    if (shape == null || !shape.get(axis).is(at)) {
      return null;
    }
    return g.concat(
        axis, tiles.stream().map(GradientContext.Placement::part).toArray(Value[]::new));
  }

  /**
   * The wanted values that a seed depends on by differentiable operators; for choosing parameters.
   */
  static Set<Value> reached(
      Graph graph, ShapeFacts facts, Set<Value> seeds, Collection<Value> wanted) {
    Backward analysis = new Backward(graph, facts, GradientRules.standard());
    Set<Value> read = new HashSet<>(seeds);
    analysis.path(seeds, wanted).forEach(node -> operands(node).forEach(read::add));
    Set<Value> reached = new LinkedHashSet<>(wanted);
    reached.retainAll(read);
    return reached;
  }
}
