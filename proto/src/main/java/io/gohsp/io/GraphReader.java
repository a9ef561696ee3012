package io.gohsp.io;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Fills a graph from its message: names become objects. All values are made before the first node,
 * so that a file may list its nodes in any order; they are sorted if need be. A nested graph sees
 * the values of the graphs around it.
 */
final class GraphReader {
  /** A cycle of more nodes is shown in part. */
  private static final int SHOWN = 8;

  private final TensorReader tensors;
  private final ParsedGraph parsed;
  private final Graph graph;
  private final Location location;
  private final @Nullable GraphReader around;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, ValueType> types = new HashMap<>();
  private final RepeatedSymbols repeated;

  /**
   * @param location how messages call the graph
   * @param around the reader of the graph that this one is nested in, or null for an outermost
   *     graph: the main one, or a function's body
   */
  GraphReader(
      ParsedGraph parsed,
      Graph graph,
      TensorReader tensors,
      Location location,
      @Nullable GraphReader around) {
    this.tensors = tensors;
    this.parsed = parsed;
    this.graph = graph;
    this.location = location;
    this.around = around;
    this.repeated = new RepeatedSymbols(parsed.inputs.stream().map(Declaration::type).toList());
  }

  void fill() {
    addInputs();
    addInitializers();
    makeResults();
    appendNodes();
    addOutputs();
    Set<String> declared = declareTypes();
    graph.setResidue(new Kept.OfGraph(parsed.message, types, declared));
  }

  private void addInputs() {
    for (Declaration input : parsed.inputs) {
      String name = requireName(input.name(), "an input");
      requireFree(name, location);
      values.put(name, graph.addInput(name, typed(name, input)));
    }
  }

  private void addInitializers() {
    for (Span message : parsed.initializers) {
      String name = requireName(TensorReader.nameOf(message), "an initializer");
      Value value = values.get(name);
      if (value == null) {
        values.put(name, graph.addInitializer(name, tensors.read(message)));
      } else if (value.constant() == null) {
        graph.markInitializer(value, tensors.read(message));
      } else {
        throw definedTwice(name, location);
      }
    }
    Set<String> sparse = new HashSet<>();
    for (Span message : parsed.sparseInitializers) {
      ParsedAttribute.requireContentsInside(message);
      String name = requireName(ParsedGraph.sparseName(message), "a sparse initializer");
      if (!sparse.add(name) || (values.containsKey(name) && values.get(name).constant() != null)) {
        throw definedTwice(name, location);
      }
      graph.markInitializer(values.computeIfAbsent(name, graph::newValue), null);
    }
  }

  private void makeResults() {
    for (ParsedNode node : parsed.nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          requireFree(output, location(node));
          values.put(output, graph.newValue(output));
        }
      }
    }
  }

  private void appendNodes() {
    for (ParsedNode node : sorted()) {
      List<@Nullable Value> inputs = new ArrayList<>();
      for (String input : node.inputs()) {
        inputs.add(input.isEmpty() ? null : find(input, location(node), "reads"));
      }
      List<@Nullable Value> outputs = new ArrayList<>();
      for (String output : node.outputs()) {
        outputs.add(output.isEmpty() ? null : values.get(output));
      }
      Node made = graph.append(node.op(), node.name(), inputs, outputs);
      made.setResidue(new Kept.OfNode(node.message(), node.op(), node.name()));
      for (ParsedAttribute attribute : node.attributes()) {
        if (made.attribute(attribute.name()) != null) {
          throw new ModelException.Malformed(
              location(node), "attribute \"" + attribute.name() + "\" is given twice");
        }
        made.setAttribute(attribute(attribute));
      }
    }
  }

  /** An attribute of a node of this graph, or a default of the function whose body this is. */
  Attribute attribute(ParsedAttribute parsedAttribute) {
    Attribute.Content content = parsedAttribute.content();
    if (content == null) {
      content =
          switch (parsedAttribute.type()) {
            case TENSOR ->
                new Attribute.TensorValue(tensors.read(parsedAttribute.tensors().get(0)));
            case GRAPH -> new Attribute.GraphValue(subgraph(parsedAttribute.graphs().get(0)));
            case GRAPHS ->
                new Attribute.GraphsValue(
                    parsedAttribute.graphs().stream().map(this::subgraph).toList());
            default -> throw new AssertionError(parsedAttribute.type());
          };
    }
    return new Attribute(
        parsedAttribute.name(), content, new Kept.OfAttribute(parsedAttribute.message(), content));
  }

  private Graph subgraph(ParsedGraph nested) {
    Graph made = graph.newSubgraph(nested.name);
    Location inside = new Location(location.file(), nested.name, null);
    new GraphReader(nested, made, tensors, inside, this).fill();
    return made;
  }

  private void addOutputs() {
    for (Declaration output : parsed.outputs) {
      Value value = find(requireName(output.name(), "an output"), location, "returns");
      graph.addOutput(value);
      keepType(value, output);
    }
  }

  private Set<String> declareTypes() {
    Set<String> names = new LinkedHashSet<>();
    for (Declaration declaration : parsed.declared) {
      Value value = values.get(declaration.name());
      if (value != null && names.add(declaration.name())) { // left-overs of other values are common
        graph.declare(value);
        keepType(value, declaration);
      }
    }
    return names;
  }

  /** The first declaration of a value counts. */
  private void keepType(Value value, Declaration declaration) {
    if (value.graph() == graph && value.type() == null) {
      value.setType(typed(value.name(), declaration));
    } else if (value.type() != null) {
      types.put(value.name(), value.type());
    }
  }

  private @Nullable ValueType typed(String name, Declaration declaration) {
    ValueType type = repeated.apart(declaration.type());
    if (type != null) {
      types.put(name, type);
    }
    return type;
  }

  /** The nodes, each after those whose results it or a graph inside it reads. */
  private List<ParsedNode> sorted() {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < parsed.nodes.size(); i++) {
      for (String output : parsed.nodes.get(i).outputs()) {
        producers.put(output, i);
      }
    }
    List<List<Integer>> needs = new ArrayList<>();
    boolean inOrder = true;
    for (ParsedNode node : parsed.nodes) {
      Set<Integer> needed = new TreeSet<>();
      for (String name : node.reads()) {
        Integer producer = producers.get(name);
        if (producer != null) {
          needed.add(producer);
          inOrder &= producer < needs.size();
        }
      }
      needs.add(List.copyOf(needed));
    }
    if (inOrder) {
      return parsed.nodes;
    }
    TopologicalOrder order = TopologicalOrder.of(needs);
    if (!order.cycle().isEmpty()) {
      throw new ModelException.Malformed(
          location,
          "these nodes wait for each other: " + describe(order.cycle()),
          "a graph must not have cycles");
    }
    return order.order().stream().map(parsed.nodes::get).toList();
  }

  private String describe(List<Integer> cycle) {
    List<String> labels =
        new ArrayList<>(cycle.stream().limit(SHOWN).map(i -> parsed.nodes.get(i).label()).toList());
    if (cycle.size() > SHOWN) {
      labels.add("... (" + (cycle.size() - SHOWN) + " more)");
    }
    labels.add(labels.get(0));
    return String.join(", then ", labels);
  }

  private Value find(String name, Location reader, String verb) {
    for (GraphReader scope = this; scope != null; scope = scope.around) {
      Value value = scope.values.get(name);
      if (value != null) {
        return value;
      }
    }
    throw new ModelException.Malformed(reader, verb + " \"" + name + "\", which nothing defines");
  }

  private void requireFree(String name, Location definition) {
    if (values.containsKey(name)) {
      throw definedTwice(name, definition);
    }
  }

  private static ModelException definedTwice(String name, Location definition) {
    return new ModelException.Malformed(
        definition, "\"" + name + "\" is defined twice", "give every value its own name");
  }

  private String requireName(String name, String what) {
    if (name.isEmpty()) {
      throw new ModelException.Malformed(location, what + " has no name");
    }
    return name;
  }

  private Location location(ParsedNode node) {
    return new Location(location.file(), location.graph(), node.label());
  }
}
