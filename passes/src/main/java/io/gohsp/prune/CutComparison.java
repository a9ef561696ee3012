package io.gohsp.prune;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model against a fresh cut of its original: the same nodes in the same order, wired alike, with
 * equal attributes and constants. Names inside do not count, those of inputs and outputs do. Nor
 * does it count where a constant is stored (an initializer, a Constant node, one for several
 * readers, behind an Identity), only what is read.
 */
public final class CutComparison {
  /**
   * A constant that is not the cut's.
   *
   * @param expected where the fresh cut has it
   * @param name what the model calls it
   * @param problem what differs: "has the extents [3] instead of [4]"
   * @param sameForm whether type and extents are the same, and only numbers differ
   */
  public record OtherConstant(Value expected, String name, String problem, boolean sameForm) {}

  private final IdentityHashMap<Value, Value> values = new IdentityHashMap<>();
  private final List<OtherConstant> otherConstants = new ArrayList<>();
  private final IdentityHashMap<Value, Set<Value>> seen = new IdentityHashMap<>();
  private @Nullable String otherGraph;
  private @Nullable String otherAttribute;

  private CutComparison() {}

  /**
   * Compares; neither model is changed.
   *
   * @param cut what {@link Pruning#prune} makes of the original
   * @param model what is said to be that
   */
  public static CutComparison of(Model cut, Model model) {
    CutComparison comparison = new CutComparison();
    if (!cut.opsets().equals(model.opsets())) {
      comparison.graph(
          "it uses the operator sets " + model.opsets() + " instead of " + cut.opsets());
    } else if (cut.functions().size() != model.functions().size()) {
      comparison.graph(
          "it has %d local functions instead of %d"
              .formatted(model.functions().size(), cut.functions().size()));
    } else {
      comparison.graphs(cut.graph(), model.graph());
      for (int i = 0; i < cut.functions().size() && comparison.otherGraph == null; i++) {
        comparison.functions(cut.functions().get(i), model.functions().get(i));
      }
    }
    return comparison;
  }

  private void functions(Function want, Function have) {
    if (!want.id().equals(have.id())
        || !want.attributes().equals(have.attributes())
        || !want.defaults().keySet().equals(have.defaults().keySet())) {
      graph("local function " + have.id() + " stands where " + want.id() + " belongs");
      return;
    }
    want.defaults()
        .forEach(
            (name, value) -> {
              if (!equal(value, have.defaults().get(name)) && otherAttribute == null) {
                otherAttribute =
                    "the default of \"" + name + "\" of " + have.id() + " is not the cut's";
              }
            });
    graphs(want.body(), have.body());
  }

  /** Whether everything is equal. */
  public boolean isSame() {
    return otherGraph == null && otherAttribute == null && otherConstants.isEmpty();
  }

  /** The first difference of the graphs, null if there is none; then the rest was not compared. */
  public @Nullable String otherGraph() {
    return otherGraph;
  }

  /** The first attribute that differs, null if there is none. */
  public @Nullable String otherAttribute() {
    return otherAttribute;
  }

  /** All constants that differ, if the graphs are the same. */
  public List<OtherConstant> otherConstants() {
    return List.copyOf(otherConstants);
  }

  private void graph(String difference) {
    otherGraph = otherGraph == null ? difference : otherGraph;
  }

  private void graphs(Graph expected, Graph actual) {
    inputs(expected, actual);
    Iterator<Node> have = computing(actual).iterator();
    for (Node want : computing(expected)) {
      if (otherGraph != null) {
        return;
      }
      if (!have.hasNext()) {
        graph(place(want) + " is missing");
        return;
      }
      nodes(want, have.next());
    }
    if (otherGraph == null && have.hasNext()) {
      graph(place(have.next()) + " is no part of the cut");
    }
    outputs(expected, actual);
  }

  /** All nodes but those that state or hand on a constant. */
  private static List<Node> computing(Graph graph) {
    return graph.nodes().stream().filter(node -> !statesConstant(node)).toList();
  }

  private static boolean statesConstant(Node node) {
    return (node.is("Constant") || node.is("Identity"))
        && ConstantValue.of(holder(node.output())) != null;
  }

  /** Where a value comes from that Identity nodes hand on. */
  private static Value holder(Value value) {
    Value at = value;
    Node producer = at.producer().orElse(null);
    while (producer != null && producer.is("Identity")) {
      at = producer.input(0);
      producer = at.producer().orElse(null);
    }
    return at;
  }

  private void inputs(Graph expected, Graph actual) {
    List<Value> want = fed(expected);
    List<Value> have = fed(actual);
    if (!names(want).equals(names(have))) {
      graph("its inputs are " + names(have) + " instead of " + names(want));
      return;
    }
    for (int i = 0; i < want.size(); i++) {
      if (!Objects.equals(want.get(i).type(), have.get(i).type())) {
        graph(
            "input \"%s\" is declared %s instead of %s"
                .formatted(want.get(i).name(), have.get(i).type(), want.get(i).type()));
      }
      values.put(want.get(i), have.get(i));
    }
  }

  /** Inputs without a default: one with a default is compared as a constant where it is read. */
  private static List<Value> fed(Graph graph) {
    return graph.inputs().stream().filter(input -> input.constant() == null).toList();
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(Value::name).toList();
  }

  private void outputs(Graph expected, Graph actual) {
    List<Value> want = expected.outputs();
    List<Value> have = actual.outputs();
    boolean top = expected.model().graph() == expected;
    if (want.size() != have.size() || (top && !names(want).equals(names(have)))) {
      graph("its outputs are " + names(have) + " instead of " + names(want));
      return;
    }
    for (int i = 0; i < want.size() && otherGraph == null; i++) {
      values(want.get(i), have.get(i), "output \"" + have.get(i).name() + "\"");
    }
  }

  private void nodes(Node want, Node have) {
    if (!want.op().equals(have.op())
        || want.inputs().size() != have.inputs().size()
        || want.outputs().size() != have.outputs().size()) {
      graph("%s stands where %s belongs".formatted(place(have), place(want)));
      return;
    }
    for (int i = 0; i < want.inputs().size() && otherGraph == null; i++) {
      values(want.optionalInput(i), have.optionalInput(i), "operand " + i + " of " + place(have));
    }
    for (int i = 0; i < want.outputs().size(); i++) {
      Value output = want.optionalOutput(i);
      Value actual = have.optionalOutput(i);
      if ((output == null) != (actual == null)) {
        graph("output " + i + " of " + place(have) + " is not the cut's");
      } else if (output != null && actual != null) {
        values.put(output, actual);
      }
    }
    attributes(want, have);
  }

  private void values(@Nullable Value want, @Nullable Value have, String place) {
    if (want == null || have == null) {
      if (want != have) {
        graph(place + (have == null ? " is missing" : " is one too many"));
      }
      return;
    }
    Value expectedAt = holder(want);
    Value actualAt = holder(have);
    Tensor expected = ConstantValue.of(expectedAt);
    Tensor actual = ConstantValue.of(actualAt);
    if (expected != null && actual != null) {
      constants(expectedAt, actualAt, expected, actual);
    } else if (expected != null || actual != null || values.get(want) != have) {
      graph(place + " is \"" + have.name() + "\" instead of \"" + want.name() + "\"");
    }
  }

  private void constants(Value want, Value have, Tensor expected, Tensor actual) {
    if (!seen.computeIfAbsent(want, v -> new HashSet<>()).add(have)) {
      return;
    }
    String form = Tensors.otherForm(expected, actual);
    String problem = form == null ? Tensors.otherNumbers(expected, actual) : form;
    if (problem != null) {
      otherConstants.add(new OtherConstant(want, have.name(), problem, form == null));
    }
  }

  /** A node in words; which file it is from goes without saying. */
  private static String place(Node node) {
    return String.valueOf(node.location().node());
  }

  private void attributes(Node want, Node have) {
    Map<String, Attribute> expected = byName(want);
    Map<String, Attribute> actual = byName(have);
    for (String name : expected.keySet()) {
      Attribute other = actual.remove(name);
      if (other == null || !equal(expected.get(name), other)) {
        attribute(name, have, other == null ? "is missing" : "is not the cut's");
      }
    }
    for (String name : actual.keySet()) {
      attribute(name, have, "is one too many");
    }
  }

  private static Map<String, Attribute> byName(Node node) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    node.attributes().forEach(attribute -> attributes.put(attribute.name(), attribute));
    return attributes;
  }

  private void attribute(String name, Node node, String problem) {
    if (otherAttribute == null) {
      otherAttribute = "attribute \"" + name + "\" of " + place(node) + " " + problem;
    }
  }

  private boolean equal(@Nullable Attribute want, @Nullable Attribute have) {
    if (want == null || have == null) {
      return false;
    }
    List<Graph> expected = want.graphs();
    List<Graph> actual = have.graphs();
    if (!expected.isEmpty() || !actual.isEmpty()) {
      if (expected.size() != actual.size()) {
        return false;
      }
      for (int i = 0; i < expected.size() && otherGraph == null; i++) {
        graphs(expected.get(i), actual.get(i));
      }
      return true;
    }
    if (want.content() instanceof Attribute.TensorValue a
        && have.content() instanceof Attribute.TensorValue b) {
      return Tensors.otherForm(a.value(), b.value()) == null
          && Tensors.otherNumbers(a.value(), b.value()) == null;
    }
    return want.content().equals(have.content());
  }
}
