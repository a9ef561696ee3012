package io.gohsp.text;

import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prints models in ONNX's textual syntax, one line for each node, initializer and declared type.
 * Printed with {@link TensorText#FULL}, a model can be read again by {@link OnnxText}. Equal models
 * print equal texts.
 */
public final class OnnxPrinter {
  private static final String STEP = "  ";

  private final StringBuilder out = new StringBuilder();
  private final TensorText tensors;

  private OnnxPrinter(TensorText tensors) {
    this.tensors = tensors;
  }

  /** The model; contents of tensors above {@value TensorText#BRIEF_SIZE} elements are left out. */
  public static String print(Model model) {
    return print(model, TensorText.BRIEF);
  }

  /** The model with as much of the tensors' contents as {@code tensors} says. */
  public static String print(Model model, TensorText tensors) {
    OnnxPrinter printer = new OnnxPrinter(tensors);
    printer.model(model);
    return printer.out.toString();
  }

  /** The graph; contents of tensors above {@value TensorText#BRIEF_SIZE} elements are left out. */
  public static String print(Graph graph) {
    return print(graph, TensorText.BRIEF);
  }

  /** The graph with as much of the tensors' contents as {@code tensors} says. */
  public static String print(Graph graph, TensorText tensors) {
    return print(graph, tensors, "") + "\n";
  }

  /** A graph that starts in a line of the given indentation, without a line break at the end. */
  private static String print(Graph graph, TensorText tensors, String indent) {
    OnnxPrinter printer = new OnnxPrinter(tensors);
    printer.out.append(Identifiers.text(graph.name())).append(' ');
    printer.signatureAndBody(graph, indent);
    return printer.out.toString();
  }

  private void model(Model model) {
    List<String> header = new ArrayList<>();
    header.add("ir_version: " + model.irVersion());
    header.add(opsets(model.opsets()));
    if (!model.metadata().isEmpty()) {
      header.add("metadata_props: " + entries(model.metadata(), Identifiers::quoted));
    }
    block("<", header, ">", "");
    out.append('\n').append(print(model.graph(), tensors));
    model.functions().forEach(this::function);
  }

  private void function(Function function) {
    OpId id = function.id();
    List<String> header = new ArrayList<>();
    header.add("domain: " + Identifiers.quoted(id.domain()));
    if (!id.overload().isEmpty()) {
      header.add("overload: " + Identifiers.quoted(id.overload()));
    }
    header.add(opsets(function.opsets()));
    block("<", header, ">", "");
    out.append('\n').append(Identifiers.text(id.type())).append(' ');
    AttributePrinter attributes = attributes("");
    List<String> formal =
        Stream.concat(
                function.attributes().stream().map(Identifiers::text),
                function.defaults().values().stream().map(attributes::print))
            .toList();
    if (!formal.isEmpty()) {
      out.append('<').append(String.join(", ", formal)).append("> ");
    }
    signatureAndBody(function.body(), "");
    out.append('\n');
  }

  private static String opsets(Map<String, Long> opsets) {
    return "opset_import: " + entries(opsets, String::valueOf);
  }

  private static <T> String entries(
      Map<String, T> map, java.util.function.Function<T, String> text) {
    return map.entrySet().stream()
        .map(e -> Identifiers.quoted(e.getKey()) + " : " + text.apply(e.getValue()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** {@code open}, the items on lines of their own with commas at the ends, {@code close}. */
  private void block(String open, List<String> items, String close, String indent) {
    String separator = ",\n" + indent + STEP;
    out.append(open).append('\n').append(indent).append(STEP);
    out.append(String.join(separator, items)).append('\n').append(indent).append(close);
  }

  private void signatureAndBody(Graph graph, String indent) {
    out.append(typedNames(graph.inputs())).append(" => ").append(typedNames(graph.outputs()));
    List<String> entries = new ArrayList<>();
    graph.initializers().forEach(initializer -> entries.add(initializer(initializer)));
    graph.declared().forEach(value -> entries.add(typedName(value)));
    if (entries.isEmpty()) {
      out.append(" {\n");
    } else {
      block("\n" + indent + "<", entries, "> {\n", indent);
    }
    graph.nodes().forEach(node -> node(node, indent + STEP));
    out.append(indent).append('}');
  }

  private static String typedNames(Collection<Value> values) {
    return values.stream().map(OnnxPrinter::typedName).collect(Collectors.joining(", ", "(", ")"));
  }

  private static String typedName(Value value) {
    String name = Identifiers.text(value.name());
    return value.type() == null ? name : TypeText.print(value.type()) + " " + name;
  }

  private String initializer(Value value) {
    Tensor constant = value.constant();
    return constant == null // sparse
        ? typedName(value) + " = " + TensorText.ELIDED
        : AttributePrinter.tensorType(constant)
            + " "
            + Identifiers.text(value.name())
            + " = "
            + tensors.contents(value.name(), constant);
  }

  private void node(Node node, String indent) {
    out.append(indent);
    if (!node.name().isEmpty()) {
      out.append('[').append(Identifiers.text(node.name())).append("] ");
    }
    out.append(names(node.outputs()))
        .append(node.outputs().isEmpty() ? "= " : " = ")
        .append(operator(node.op()));
    List<String> attributes =
        node.attributes().stream().map(attributes(indent + STEP)::print).toList();
    boolean nested = node.subgraphs().findAny().isPresent();
    if (!nested && !attributes.isEmpty()) {
      out.append('<').append(String.join(", ", attributes)).append('>');
    }
    out.append('(').append(names(node.inputs())).append(')');
    if (nested) { // graphs take many lines, and the inputs should not come after them
      block(" <", attributes, ">", indent);
    }
    out.append('\n');
  }

  private AttributePrinter attributes(String indent) {
    return new AttributePrinter(tensors, graph -> print(graph, tensors, indent));
  }

  /** The names, with an empty string for an absent value. */
  private static String names(List<@Nullable Value> values) {
    return values.stream()
        .map(value -> value == null ? "\"\"" : Identifiers.text(value.name()))
        .collect(Collectors.joining(", "));
  }

  private static String operator(OpId op) {
    StringBuilder text = new StringBuilder();
    if (!op.domain().isEmpty()) {
      boolean plain =
          Arrays.stream(op.domain().split("\\.", -1)).allMatch(Identifiers::isIdentifier);
      text.append(plain ? op.domain() : Identifiers.quoted(op.domain())).append('.');
    }
    text.append(Identifiers.text(op.type()));
    return op.overload().isEmpty()
        ? text.toString()
        : text.append(':').append(Identifiers.text(op.overload())).toString();
  }
}
