package io.gohsp.shape;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of a local function for one call: a copy in a model of its own, with the call's
 * attributes filled in. Weights are shared.
 *
 * @param originals the function's own values by copy
 */
record CalledBody(Graph graph, Map<Value, Value> originals) {
  static CalledBody of(Function function, Node call) {
    Model model = new Model(function.body().name(), call.graph().model().source());
    model.opsets().putAll(call.graph().model().opsets());
    model.opsets().putAll(function.opsets());
    Copier copier = new Copier(function, call);
    copier.fill(model.graph(), function.body());
    Map<Value, Value> originals = new LinkedHashMap<>();
    copier.copies.forEach((original, copy) -> originals.put(copy, original));
    return new CalledBody(model.graph(), originals);
  }

  private static final class Copier {
    private final Function function;
    private final Node call;
    private final Map<Value, Value> copies = new LinkedHashMap<>();

    private Copier(Function function, Node call) {
      this.function = function;
      this.call = call;
    }

    private void fill(Graph target, Graph source) {
      source.inputs().forEach(input -> target.markInput(copy(target, input)));
      for (Value initializer : source.initializers()) {
        Value known = copies.get(initializer);
        target.markInitializer(
            known != null ? known : copy(target, initializer), initializer.constant());
      }
      for (Node node : source.nodes()) {
        List<@Nullable Value> inputs = new ArrayList<>();
        node.inputs().forEach(input -> inputs.add(input == null ? null : copies.get(input)));
        List<@Nullable Value> outputs = new ArrayList<>();
        node.outputs().forEach(output -> outputs.add(output == null ? null : copy(target, output)));
        Node copied = target.append(node.op(), node.name(), inputs, outputs);
        for (Attribute attribute : node.attributes()) {
          Attribute resolved = resolved(target, attribute);
          if (resolved != null) {
            copied.setAttribute(resolved);
          }
        }
      }
      for (Value output : source.outputs()) {
        Value known = copies.get(output);
        if (known != null) {
          target.addOutput(known);
        }
      }
    }

    private Value copy(Graph target, Value original) {
      Value value = target.newValue(original.name());
      value.setType(original.type());
      copies.put(original, value);
      return value;
    }

    /** Null if it refers to an attribute that the call leaves out and that has no default. */
    private @Nullable Attribute resolved(Graph target, Attribute attribute) {
      if (attribute.content() instanceof Attribute.Reference reference) {
        Attribute given = call.attribute(reference.attribute());
        Attribute actual = given != null ? given : function.defaults().get(reference.attribute());
        return actual == null ? null : new Attribute(attribute.name(), actual.content(), null);
      }
      if (attribute.content() instanceof Attribute.GraphValue one) {
        return new Attribute(
            attribute.name(), new Attribute.GraphValue(subgraph(target, one.value())), null);
      }
      if (attribute.content() instanceof Attribute.GraphsValue many) {
        List<Graph> graphs = many.values().stream().map(graph -> subgraph(target, graph)).toList();
        return new Attribute(attribute.name(), new Attribute.GraphsValue(graphs), null);
      }
      return attribute;
    }

    private Graph subgraph(Graph target, Graph source) {
      Graph copy = target.newSubgraph(source.name());
      fill(copy, source);
      return copy;
    }
  }
}
