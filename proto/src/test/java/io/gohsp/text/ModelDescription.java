package io.gohsp.text;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything the IR knows about a model, as values with equality, so that tests can compare models
 * without text.
 */
record ModelDescription(
    long irVersion,
    List<Map.Entry<String, Long>> opsets,
    List<Map.Entry<String, String>> metadata,
    GraphDescription graph,
    List<FunctionDescription> functions) {

  record GraphDescription(
      String name,
      List<ValueDescription> inputs,
      List<ValueDescription> outputs,
      List<ValueDescription> initializers,
      List<ValueDescription> declared,
      List<NodeDescription> nodes) {}

  record ValueDescription(
      String name, @Nullable ValueType type, @Nullable TensorDescription constant) {}

  record TensorDescription(ElementType type, List<Long> dims, ByteBuffer bytes) {}

  record NodeDescription(
      String name,
      Object op,
      List<String> inputs,
      List<String> outputs,
      List<AttributeDescription> attributes) {}

  record AttributeDescription(String name, Object content) {}

  record FunctionDescription(
      Object id,
      GraphDescription body,
      List<String> attributes,
      List<AttributeDescription> defaults,
      List<Map.Entry<String, Long>> opsets) {}

  static ModelDescription of(Model model) {
    return new ModelDescription(
        model.irVersion(),
        List.copyOf(model.opsets().entrySet()),
        List.copyOf(model.metadata().entrySet()),
        of(model.graph()),
        model.functions().stream().map(ModelDescription::of).toList());
  }

  private static FunctionDescription of(Function function) {
    return new FunctionDescription(
        function.id(),
        of(function.body()),
        function.attributes(),
        function.defaults().values().stream().map(ModelDescription::of).toList(),
        List.copyOf(function.opsets().entrySet()));
  }

  private static GraphDescription of(Graph graph) {
    return new GraphDescription(
        graph.name(),
        of(graph.inputs()),
        of(graph.outputs()),
        of(graph.initializers()),
        of(graph.declared()),
        graph.nodes().stream().map(ModelDescription::of).toList());
  }

  private static List<ValueDescription> of(Collection<Value> values) {
    return values.stream()
        .map(v -> new ValueDescription(v.name(), v.type(), of(v.constant())))
        .toList();
  }

  private static @Nullable TensorDescription of(@Nullable Tensor tensor) {
    if (tensor == null) {
      return null;
    }
    List<Long> dims = new ArrayList<>();
    for (long dim : tensor.dims()) {
      dims.add(dim);
    }
    return new TensorDescription(tensor.type(), dims, tensor.data().bytes());
  }

  private static NodeDescription of(Node node) {
    return new NodeDescription(
        node.name(),
        node.op(),
        names(node.inputs()),
        names(node.outputs()),
        node.attributes().stream().map(ModelDescription::of).toList());
  }

  private static List<String> names(List<@Nullable Value> values) {
    return values.stream().map(v -> v == null ? "(absent)" : v.name()).toList();
  }

  private static AttributeDescription of(Attribute attribute) {
    Object content = attribute.content();
    if (content instanceof Attribute.TensorValue tensor) {
      content = Objects.requireNonNull(of(tensor.value()));
    } else if (content instanceof Attribute.GraphValue
        || content instanceof Attribute.GraphsValue) {
      content = attribute.graphs().stream().map(ModelDescription::of).toList();
    }
    return new AttributeDescription(attribute.name(), content);
  }
}
