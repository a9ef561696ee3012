package io.gohsp.ir;

import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that nodes read: a graph input, an initializer, both at once, or a node's output.
 * Compared by identity; the name is unique in the model but means nothing to passes.
 */
public final class Value {
  private final Graph graph;
  private String name;
  private @Nullable ValueType type;
  private @Nullable Tensor constant;
  private @Nullable Node producer;
  private @Nullable Residue residue;
  private final List<Use> uses = new ArrayList<>();

  Value(Graph graph, String name) {
    this.graph = graph;
    this.name = name;
  }

  /** The graph that owns this value; nodes of nested graphs may read it too. */
  public Graph graph() {
    return graph;
  }

  public String name() {
    return name;
  }

  void rename(String newName) {
    name = newName;
  }

  /**
   * What the file declares, if it declares anything. Inferred shapes live in the shape analysis,
   * not here.
   */
  public @Nullable ValueType type() {
    return type;
  }

  /** Sets or, with null, drops the declaration. */
  public void setType(@Nullable ValueType newType) {
    type = newType;
    graph.touch();
  }

  /** The contents, if this is an initializer (which may be a graph input at the same time). */
  public @Nullable Tensor constant() {
    return constant;
  }

  /** Replaces an initializer's contents. */
  public void setConstant(Tensor newConstant) {
    if (producer != null) {
      throw new IllegalStateException(
          name + " is computed by " + producer.location() + ", it cannot be a constant");
    }
    constant = newConstant;
    graph.touch();
  }

  void clearConstant() {
    constant = null;
  }

  /** The node that computes this value; empty for inputs and initializers. */
  public Optional<Node> producer() {
    return Optional.ofNullable(producer);
  }

  void setProducer(@Nullable Node node) {
    producer = node;
  }

  public boolean isGraphInput() {
    return graph.isInput(this);
  }

  public boolean isGraphOutput() {
    return graph.isOutput(this);
  }

  /**
   * A snapshot of the places that read this value; callers may change the graph while they walk it.
   */
  public List<Use> uses() {
    return List.copyOf(uses);
  }

  /** Whether any node reads it or the graph returns it. */
  public boolean isUsed() {
    return !uses.isEmpty() || isGraphOutput();
  }

  void addUse(Use use) {
    uses.add(use);
  }

  void removeUse(Use use) {
    uses.remove(use);
  }

  /**
   * Makes every node that reads this value read {@code replacement}. Graph outputs stay as they
   * are.
   */
  public void replaceAllUsesWith(Value replacement) {
    uses().forEach(use -> use.replaceWith(replacement));
  }

  /** What the reader kept of this value's declaration. */
  public @Nullable Residue residue() {
    return residue;
  }

  public void setResidue(@Nullable Residue newResidue) {
    residue = newResidue;
  }

  @Override
  public String toString() {
    return "%" + name;
  }
}
