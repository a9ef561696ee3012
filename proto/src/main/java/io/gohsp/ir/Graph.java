package io.gohsp.ir;

import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Nodes in topological order with the inputs, outputs and initializers around them: the main graph,
 * a nested one (If, Loop), or the body of a local function. All edits of structure go through here
 * or through {@link Node#setInput}.
 */
public final class Graph {
  private final Model model;
  private final String name;
  private final Set<Value> inputs = new LinkedHashSet<>();
  private final List<Value> outputs = new ArrayList<>();
  private final Set<Value> initializers = new LinkedHashSet<>();
  private int lastIndex; // a hint for indexOf
  private final List<Node> nodes = new ArrayList<>();
  private final Set<Value> declared = new LinkedHashSet<>();
  private final Set<String> nodeNames = new HashSet<>();
  private @Nullable Residue residue;

  Graph(Model model, String name) {
    this.model = model;
    this.name = name;
  }

  public Model model() {
    return model;
  }

  public String name() {
    return name;
  }

  /** In file order; an input may be an initializer too, which then is its default. */
  public List<Value> inputs() {
    return List.copyOf(inputs);
  }

  /** In file order; the same value may be returned twice. */
  public List<Value> outputs() {
    return List.copyOf(outputs);
  }

  /** Constants by name, in file order. */
  public List<Value> initializers() {
    return List.copyOf(initializers);
  }

  /** A snapshot in topological order; callers may edit the graph while they walk it. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * Values whose type the file declares beside inputs and outputs (its value_info), in file order.
   */
  public Collection<Value> declared() {
    return Collections.unmodifiableCollection(declared);
  }

  boolean isInput(Value value) {
    return inputs.contains(value);
  }

  boolean isOutput(Value value) {
    return outputs.contains(value);
  }

  /** Adds a graph input. The name must be free. */
  public Value addInput(String inputName, @Nullable ValueType type) {
    Value value = newValue(inputName);
    value.setType(type);
    inputs.add(value);
    return value;
  }

  /** Makes an existing value, an initializer for example, a graph input too. */
  public void markInput(Value value) {
    inputs.add(value);
    touch();
  }

  /** Returns {@code value} from this graph, after the outputs it has. */
  public void addOutput(Value value) {
    outputs.add(value);
    touch();
  }

  /** Returns {@code replacement} where output {@code index} was. */
  public void setOutput(int index, Value replacement) {
    outputs.set(index, replacement);
    touch();
  }

  /** Drops all outputs; used when a graph is cut to return something else. */
  public void clearOutputs() {
    outputs.clear();
    touch();
  }

  /**
   * Removes an input.
   *
   * @throws IllegalStateException if it is still read
   */
  public void removeInput(Value input) {
    if (input.isUsed()) {
      throw new IllegalStateException(input + " is still read");
    }
    inputs.remove(input);
    touch();
  }

  /** Adds a constant. The name must be free; {@link NameScope#fresh} finds one that is. */
  public Value addInitializer(String initializerName, Tensor constant) {
    Value value = newValue(initializerName);
    value.setConstant(constant);
    initializers.add(value);
    return value;
  }

  /**
   * Makes an existing value, a graph input for example, an initializer too.
   *
   * @param constant null for a sparse initializer, whose contents only the residue knows
   */
  public void markInitializer(Value value, @Nullable Tensor constant) {
    if (constant != null) {
      value.setConstant(constant);
    }
    initializers.add(value);
    touch();
  }

  /** Makes an initializer a graph input without default: whoever runs the model feeds it. */
  public void feed(Value initializer, ValueType type) {
    initializers.remove(initializer);
    initializer.clearConstant();
    inputs.add(initializer);
    initializer.setResidue(null);
    initializer.setType(type);
  }

  /** Removes an initializer that nothing reads. */
  public void removeInitializer(Value value) {
    if (!value.uses().isEmpty()) {
      throw new IllegalStateException(value + " is still read by " + value.uses().get(0).node());
    }
    initializers.remove(value);
    value.clearConstant();
    if (!inputs.contains(value) && !outputs.contains(value)) {
      declared.remove(value);
      model.names().release(value.name());
    }
    touch();
  }

  /** Lists {@code value} among those whose type the file declares. */
  public void declare(Value value) {
    declared.add(value);
  }

  /** Stops declaring the value's type in the file. */
  public void undeclare(Value value) {
    declared.remove(value);
    touch();
  }

  /**
   * A value nobody computes yet; a node takes it as output. The name must be free.
   *
   * @throws ModelException.Malformed if another value has the name
   */
  public Value newValue(String valueName) {
    boolean free = model.names().claim(valueName);
    if (!free
        && model.graph()
            == this) { // branches of an If may use the same names: neither sees the other
      throw new ModelException.Malformed(
          Location.of(model, this),
          "the name \"" + valueName + "\" is defined twice",
          "give every value its own name");
    }
    touch();
    return new Value(this, valueName);
  }

  /**
   * Appends a call whose outputs are the given values, which no node may compute yet; null stands
   * for absent.
   */
  public Node append(
      OpId op,
      String nodeName,
      List<@Nullable Value> nodeInputs,
      List<@Nullable Value> nodeOutputs) {
    return insert(nodes.size(), op, nodeName, nodeInputs, nodeOutputs);
  }

  /**
   * Inserts a call of a one-output operator before {@code anchor}; the output's fresh name derives
   * from {@code hint}.
   */
  public Node insertBefore(Node anchor, OpId op, String hint, @Nullable Value... nodeInputs) {
    return insertBefore(anchor, op, hint, Arrays.asList(nodeInputs), 1);
  }

  /**
   * Inserts a call before {@code anchor}; the fresh names of node and outputs derive from {@code
   * hint}.
   */
  public Node insertBefore(
      Node anchor, OpId op, String hint, List<@Nullable Value> nodeInputs, int outputCount) {
    List<@Nullable Value> fresh = new ArrayList<>();
    for (int i = 0; i < outputCount; i++) {
      fresh.add(newValue(model.names().fresh(outputCount == 1 ? hint : hint + "_" + i)));
    }
    return insert(indexOf(anchor), op, freshNodeName(hint), nodeInputs, fresh);
  }

  /**
   * Inserts a call before {@code anchor} whose outputs are the given values; null stands for
   * absent.
   */
  public Node insertBefore(
      Node anchor,
      OpId op,
      String nodeName,
      List<@Nullable Value> nodeInputs,
      List<@Nullable Value> nodeOutputs) {
    return insert(indexOf(anchor), op, freshNodeName(nodeName), nodeInputs, nodeOutputs);
  }

  /**
   * Returns {@code replacement} wherever {@code value} was returned, under the name that callers
   * know: the two swap names, and the declaration moves along.
   */
  public void returnInstead(Value value, Value replacement) {
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i) == value) {
        setOutput(i, replacement);
      }
    }
    String known = value.name();
    value.rename(replacement.name());
    replacement.rename(known);
    replacement.setType(value.type());
    replacement.setResidue(value.residue());
  }

  /** Appends a call of a one-output operator; the output's fresh name derives from {@code hint}. */
  public Node append(OpId op, String hint, @Nullable Value... nodeInputs) {
    List<@Nullable Value> fresh = new ArrayList<>();
    fresh.add(newValue(model.names().fresh(hint)));
    return append(op, freshNodeName(hint), Arrays.asList(nodeInputs), fresh);
  }

  /**
   * ONNX Runtime refuses a graph in which two nodes have one name, although the format does not.
   */
  private String freshNodeName(String hint) {
    String candidate = hint;
    for (int i = 1; nodeNames.contains(candidate); i++) {
      candidate = hint + "_" + i;
    }
    return candidate;
  }

  private Node insert(
      int at,
      OpId op,
      String nodeName,
      List<@Nullable Value> nodeInputs,
      List<@Nullable Value> nodeOutputs) {
    for (Value output : nodeOutputs) {
      if (output != null
          && (output.producer().isPresent() || output.constant() != null || isInput(output))) {
        throw new ModelException.Malformed(
            Location.of(model, this),
            "\"" + output.name() + "\" is defined twice",
            "give every value its own name");
      }
    }
    Node node = new Node(this, op, nodeName);
    for (int i = 0; i < nodeInputs.size(); i++) {
      node.setInput(i, nodeInputs.get(i));
    }
    nodeOutputs.forEach(node::bindOutput);
    nodes.add(at, node);
    nodeNames.add(nodeName);
    touch();
    return node;
  }

  /** Removes a node whose outputs nobody reads. */
  public void remove(Node node) {
    node.presentOutputs()
        .filter(Value::isUsed)
        .findFirst()
        .ifPresent(
            used -> {
              throw new IllegalStateException(used + " of " + node + " is still read");
            });
    nodes.remove(indexOf(node));
    nodeNames.remove(node.name());
    node.presentOutputs().forEach(this::forget);
    node.detach();
    touch();
  }

  /** What is no longer returned has no declaration, and its name is free. */
  void forget(Value output) {
    declared.remove(output);
    model.names().release(output.name());
  }

  void detachAll() {
    List<Node> all = new ArrayList<>(nodes);
    nodes.clear();
    all.forEach(Node::detach);
  }

  /** Replaces the order of the nodes; {@code ordered} must hold exactly the nodes of this graph. */
  public void reorder(List<Node> ordered) {
    if (ordered.size() != nodes.size() || !new LinkedHashSet<>(nodes).containsAll(ordered)) {
      throw new IllegalArgumentException("not a permutation of the nodes");
    }
    nodes.clear();
    nodes.addAll(ordered);
    touch();
  }

  /**
   * Position of a node; linear in the size of the graph, but for nodes that stand where the last
   * one stood or behind it, as the anchor of many insertions does.
   */
  public int indexOf(Node node) {
    for (int at = lastIndex; at < Math.min(lastIndex + 2, nodes.size()); at++) {
      if (nodes.get(at) == node) {
        lastIndex = at;
        return at;
      }
    }
    int at = nodes.indexOf(node);
    if (at < 0) {
      throw new IllegalArgumentException(node + " is not in this graph");
    }
    lastIndex = at;
    return at;
  }

  /** A graph to nest in an attribute of a node of this graph. */
  public Graph newSubgraph(String subgraphName) {
    return new Graph(model, subgraphName);
  }

  void touch() {
    model.touch();
  }

  public @Nullable Residue residue() {
    return residue;
  }

  public void setResidue(@Nullable Residue newResidue) {
    residue = newResidue;
  }

  @Override
  public String toString() {
    return "graph " + name;
  }
}
