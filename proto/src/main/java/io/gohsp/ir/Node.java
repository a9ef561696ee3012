package io.gohsp.ir;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One operator call. An optional input or output that is absent is null, never an empty name.
 * Compared by identity; made by {@link Graph}, which also keeps the use lists right.
 */
public final class Node {
  private final Graph graph;
  private OpId op;
  private final String name;
  private final List<@Nullable Value> inputs = new ArrayList<>();
  private final List<@Nullable Value> outputs = new ArrayList<>();
  private final Map<String, Attribute> attributes = new LinkedHashMap<>();
  private @Nullable Residue residue;

  Node(Graph graph, OpId op, String name) {
    this.graph = graph;
    this.op = op;
    this.name = name;
  }

  /** The graph this node is in. */
  public Graph graph() {
    return graph;
  }

  public OpId op() {
    return op;
  }

  /** Turns this node into a call of another operator that takes the same operands. */
  public void setOp(OpId newOp) {
    op = newOp;
    graph.touch();
  }

  /** Whether this calls the standard operator {@code type}. */
  public boolean is(String type) {
    return op.domain().isEmpty() && op.type().equals(type);
  }

  /** Whether this calls {@code type} of {@code domain}. */
  public boolean is(String domain, String type) {
    return op.domain().equals(domain) && op.type().equals(type);
  }

  /** The name in the file; often empty, and not a key. */
  public String name() {
    return name;
  }

  /** Read-only view; absent inputs are null. */
  public List<@Nullable Value> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** Read-only view; absent outputs are null. */
  public List<@Nullable Value> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** Input {@code index}, or null if it is absent, beyond the last or before the first. */
  public @Nullable Value optionalInput(int index) {
    return 0 <= index && index < inputs.size() ? inputs.get(index) : null;
  }

  /**
   * Input {@code index}, which must be there.
   *
   * @throws ModelException.Malformed if it is absent
   */
  public Value input(int index) {
    Value value = optionalInput(index);
    if (value == null) {
      throw new ModelException.Malformed(location(), "input " + index + " is missing");
    }
    return value;
  }

  /** Output {@code index}, or null if it is absent, beyond the last or before the first. */
  public @Nullable Value optionalOutput(int index) {
    return 0 <= index && index < outputs.size() ? outputs.get(index) : null;
  }

  /**
   * Output {@code index}, which must be there.
   *
   * @throws ModelException.Malformed if it is absent
   */
  public Value output(int index) {
    Value value = optionalOutput(index);
    if (value == null) {
      throw new ModelException.Malformed(location(), "output " + index + " is missing");
    }
    return value;
  }

  /** The first output, which every operator has. */
  public Value output() {
    return output(0);
  }

  /** The outputs that are there. */
  public Stream<Value> presentOutputs() {
    return outputs.stream().filter(Objects::nonNull);
  }

  /** The inputs that are there. */
  public Stream<Value> presentInputs() {
    return inputs.stream().filter(Objects::nonNull);
  }

  /**
   * Makes input {@code index} read {@code value} (null: absent); the list grows with absent inputs
   * if needed.
   */
  public void setInput(int index, @Nullable Value value) {
    while (inputs.size() <= index) {
      inputs.add(null);
    }
    Value old = inputs.get(index);
    if (old != null) {
      old.removeUse(new Use(this, index));
    }
    inputs.set(index, value);
    if (value != null) {
      value.addUse(new Use(this, index));
    }
    graph.touch();
  }

  /** Takes input {@code index} out of the list; those behind it move up. */
  public void removeInput(int index) {
    for (int i = index; i < inputs.size() - 1; i++) {
      setInput(i, inputs.get(i + 1));
    }
    setInput(inputs.size() - 1, null);
    inputs.remove(inputs.size() - 1);
  }

  /**
   * Output {@code index}, which is added under a fresh name that derives from {@code hint} if the
   * node does not return it yet; for optional outputs such as the statistics of a normalisation.
   */
  public Value demandOutput(int index, String hint) {
    while (outputs.size() <= index) {
      outputs.add(null);
    }
    Value output = outputs.get(index);
    if (output == null) {
      output = graph.newValue(graph.model().names().fresh(hint));
      outputs.set(index, output);
      output.setProducer(this);
    }
    return output;
  }

  /**
   * Takes output {@code index}, which nobody reads, out of the list; those behind it move up.
   *
   * @throws IllegalStateException if it is read
   */
  public void removeOutput(int index) {
    Value output = outputs.get(index);
    if (output != null) {
      if (output.isUsed()) {
        throw new IllegalStateException(output.name() + " is read");
      }
      output.setProducer(null);
      graph.forget(output);
    }
    outputs.remove(index);
    graph.touch();
  }

  void bindOutput(@Nullable Value value) {
    outputs.add(value);
    if (value != null) {
      value.setProducer(this);
    }
  }

  void detach() {
    for (int i = 0; i < inputs.size(); i++) {
      Value value = inputs.get(i);
      if (value != null) {
        value.removeUse(new Use(this, i));
      }
    }
    inputs.clear();
    presentOutputs().forEach(output -> output.setProducer(null));
    subgraphs().forEach(Graph::detachAll);
  }

  /** All attributes in file order. */
  public Collection<Attribute> attributes() {
    return Collections.unmodifiableCollection(attributes.values());
  }

  public @Nullable Attribute attribute(String key) {
    return attributes.get(key);
  }

  /** Adds the attribute, or replaces the one of its name where it stands. */
  public void setAttribute(Attribute attribute) {
    attributes.put(attribute.name(), attribute);
    graph.touch();
  }

  public void removeAttribute(String key) {
    attributes.remove(key);
    graph.touch();
  }

  /** The attribute's number, or {@code fallback} if it is absent. */
  public long intAttribute(String key, long fallback) {
    Attribute a = attributes.get(key);
    if (a == null) {
      return fallback;
    }
    if (a.content() instanceof Attribute.IntValue v) {
      return v.value();
    }
    throw wrongKind(key, "a whole number");
  }

  /** The attribute's number, or {@code fallback} if it is absent. */
  public float floatAttribute(String key, float fallback) {
    Attribute a = attributes.get(key);
    if (a == null) {
      return fallback;
    }
    if (a.content() instanceof Attribute.FloatValue v) {
      return v.value();
    }
    throw wrongKind(key, "a number");
  }

  /** The attribute's text, or {@code fallback} if it is absent. */
  public String stringAttribute(String key, String fallback) {
    Attribute a = attributes.get(key);
    if (a == null) {
      return fallback;
    }
    if (a.content() instanceof Attribute.StringValue v) {
      return v.value();
    }
    throw wrongKind(key, "text");
  }

  /** The attribute's numbers, or null if it is absent. */
  public @Nullable List<Long> intsAttribute(String key) {
    Attribute a = attributes.get(key);
    if (a == null) {
      return null;
    }
    if (a.content() instanceof Attribute.IntsValue v) {
      return v.values();
    }
    throw wrongKind(key, "a list of whole numbers");
  }

  private ModelException wrongKind(String key, String expected) {
    return new ModelException.Malformed(
        location(), "attribute \"" + key + "\" should be " + expected);
  }

  /** The graphs nested in this node's attributes. */
  public Stream<Graph> subgraphs() {
    return attributes.values().stream().flatMap(a -> a.graphs().stream());
  }

  /** Where this node is, for messages. */
  public Location location() {
    return Location.of(this);
  }

  public @Nullable Residue residue() {
    return residue;
  }

  public void setResidue(@Nullable Residue newResidue) {
    residue = newResidue;
  }

  @Override
  public String toString() {
    return location().toString();
  }
}
