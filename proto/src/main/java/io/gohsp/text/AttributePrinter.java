package io.gohsp.text;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Attribute.Content;
import io.gohsp.ir.Graph;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Attributes as text, with a type only where the value does not tell it. */
final class AttributePrinter {
  private final TensorText tensors;
  private final Function<Graph, String> graphs;

  AttributePrinter(TensorText tensors, Function<Graph, String> graphs) {
    this.tensors = tensors;
    this.graphs = graphs;
  }

  String print(Attribute attribute) {
    return Identifiers.text(attribute.name())
        + annotation(attribute.content())
        + " = "
        + value(attribute);
  }

  private static String annotation(Content content) {
    if (content instanceof Attribute.Reference reference) {
      AttributeType type = AttributeType.of(reference.typeCode());
      return type == null ? "" : ": " + type.text();
    } else if (content instanceof Attribute.IntsValue ints && ints.values().isEmpty()) {
      return ": ints";
    } else if (content instanceof Attribute.FloatsValue floats && floats.values().isEmpty()) {
      return ": floats";
    } else if (content instanceof Attribute.StringsValue strings && strings.values().isEmpty()) {
      return ": strings";
    } else if (content instanceof Attribute.GraphsValue many && many.values().isEmpty()) {
      return ": graphs";
    }
    return "";
  }

  private String value(Attribute attribute) {
    Content content = attribute.content();
    if (content instanceof Attribute.IntValue i) {
      return Long.toString(i.value());
    } else if (content instanceof Attribute.FloatValue f) {
      return ElementText.decimal(f.value());
    } else if (content instanceof Attribute.StringValue s) {
      return Identifiers.quoted(s.value());
    } else if (content instanceof Attribute.TensorValue t) {
      return tensorType(t.value()) + " " + tensors.contents(attribute.name(), t.value());
    } else if (content instanceof Attribute.GraphValue g) {
      return graphs.apply(g.value());
    } else if (content instanceof Attribute.IntsValue i) {
      return list(i.values(), String::valueOf);
    } else if (content instanceof Attribute.FloatsValue f) {
      return list(f.values(), ElementText::decimal);
    } else if (content instanceof Attribute.StringsValue s) {
      return list(s.values(), Identifiers::quoted);
    } else if (content instanceof Attribute.GraphsValue g) {
      return list(g.values(), graphs);
    } else if (content instanceof Attribute.Reference reference) {
      return "@" + Identifiers.text(reference.attribute());
    }
    return TensorText.ELIDED;
  }

  private static <T> String list(List<T> values, Function<T, String> text) {
    return values.stream().map(text).collect(Collectors.joining(", ", "[", "]"));
  }

  /** The type that a tensor's contents follow. */
  static String tensorType(Tensor tensor) {
    return TypeText.print(ValueType.TensorType.of(tensor.type(), tensor.dims()));
  }
}
