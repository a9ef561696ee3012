package io.gohsp.ir;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A deep copy of a model, with the way from each original to its copy. Weights are shared, for
 * tensors never change.
 *
 * @param model the copy
 * @param values copies by original, function bodies included
 * @param nodes copies by original
 */
public record ModelCopy(Model model, Map<Value, Value> values, Map<Node, Node> nodes) {
  public static ModelCopy of(Model original) {
    ModelCopy copy =
        new ModelCopy(
            new Model(original.graph().name(), original.source()),
            new IdentityHashMap<>(),
            new IdentityHashMap<>());
    Model model = copy.model;
    model.setIrVersion(original.irVersion());
    model.opsets().putAll(original.opsets());
    model.metadata().putAll(original.metadata());
    model.setResidue(original.residue());
    copy.fill(model.graph(), original.graph());
    for (Function function : original.functions()) {
      Graph body = model.newFunctionBody(function.body().name());
      copy.fill(body, function.body());
      model.addFunction(
          new Function(
              function.id(),
              body,
              function.attributes(),
              function.defaults(),
              function.opsets(),
              function.residue()));
    }
    return copy;
  }

  /** The copy of a value of the original. */
  public Value of(Value original) {
    Value value = values.get(original);
    if (value == null) {
      throw new IllegalArgumentException(original + " is not of the model that was copied");
    }
    return value;
  }

  private void fill(Graph target, Graph source) {
    target.setResidue(source.residue());
    for (Value input : source.inputs()) {
      target.markInput(copyValue(target, input));
    }
    for (Value initializer : source.initializers()) {
      Value value =
          values.containsKey(initializer) ? of(initializer) : copyValue(target, initializer);
      target.markInitializer(value, initializer.constant());
    }
    // Before any nested graph is copied, for one may use a name that this graph has further down.
    source
        .nodes()
        .forEach(node -> node.presentOutputs().forEach(output -> copyValue(target, output)));
    for (Node node : source.nodes()) {
      List<@Nullable Value> inputs = new ArrayList<>();
      for (Value input : node.inputs()) {
        inputs.add(input == null ? null : of(input));
      }
      List<@Nullable Value> outputs = new ArrayList<>();
      for (Value output : node.outputs()) {
        outputs.add(output == null ? null : of(output));
      }
      Node copied = target.append(node.op(), node.name(), inputs, outputs);
      copied.setResidue(node.residue());
      nodes.put(node, copied);
      node.attributes().forEach(attribute -> copied.setAttribute(copyAttribute(target, attribute)));
    }
    source.outputs().forEach(output -> target.addOutput(of(output)));
    source.declared().forEach(value -> target.declare(of(value)));
  }

  private Value copyValue(Graph target, Value original) {
    Value value = target.newValue(original.name());
    value.setType(original.type());
    value.setResidue(original.residue());
    values.put(original, value);
    return value;
  }

  private Attribute copyAttribute(Graph target, Attribute attribute) {
    if (attribute.content() instanceof Attribute.GraphValue one) {
      return new Attribute(
          attribute.name(),
          new Attribute.GraphValue(copySubgraph(target, one.value())),
          attribute.residue());
    }
    if (attribute.content() instanceof Attribute.GraphsValue many) {
      List<Graph> copies = many.values().stream().map(g -> copySubgraph(target, g)).toList();
      return new Attribute(
          attribute.name(), new Attribute.GraphsValue(copies), attribute.residue());
    }
    return attribute;
  }

  private Graph copySubgraph(Graph target, Graph source) {
    Graph copy = target.newSubgraph(source.name());
    fill(copy, source);
    return copy;
  }
}
