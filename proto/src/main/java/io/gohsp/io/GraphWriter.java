package io.gohsp.io;

import static io.gohsp.io.Field.FUNCTION_ATTRIBUTE;
import static io.gohsp.io.Field.FUNCTION_DEFAULT;
import static io.gohsp.io.Field.FUNCTION_DOMAIN;
import static io.gohsp.io.Field.FUNCTION_INPUT;
import static io.gohsp.io.Field.FUNCTION_NAME;
import static io.gohsp.io.Field.FUNCTION_NODE;
import static io.gohsp.io.Field.FUNCTION_OPSET_IMPORT;
import static io.gohsp.io.Field.FUNCTION_OUTPUT;
import static io.gohsp.io.Field.FUNCTION_OVERLOAD;
import static io.gohsp.io.Field.FUNCTION_VALUE_INFO;
import static io.gohsp.io.Field.GRAPH_INITIALIZER;
import static io.gohsp.io.Field.GRAPH_INPUT;
import static io.gohsp.io.Field.GRAPH_NAME;
import static io.gohsp.io.Field.GRAPH_NODE;
import static io.gohsp.io.Field.GRAPH_OUTPUT;
import static io.gohsp.io.Field.GRAPH_SPARSE_INITIALIZER;
import static io.gohsp.io.Field.GRAPH_VALUE_INFO;
import static io.gohsp.io.Field.NODE_ATTRIBUTE;
import static io.gohsp.io.Field.NODE_DOMAIN;
import static io.gohsp.io.Field.NODE_INPUT;
import static io.gohsp.io.Field.NODE_NAME;
import static io.gohsp.io.Field.NODE_OP_TYPE;
import static io.gohsp.io.Field.NODE_OUTPUT;
import static io.gohsp.io.Field.NODE_OVERLOAD;

import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes messages of graphs, functions and nodes, beginning with what the reader kept of them. */
final class GraphWriter {
  private static final Set<Integer> GRAPH_FIELDS =
      Set.of(
          GRAPH_NODE,
          GRAPH_INITIALIZER,
          GRAPH_INPUT,
          GRAPH_OUTPUT,
          GRAPH_VALUE_INFO,
          GRAPH_SPARSE_INITIALIZER);
  private static final Set<Integer> FUNCTION_FIELDS =
      Set.of(
          FUNCTION_INPUT,
          FUNCTION_OUTPUT,
          FUNCTION_ATTRIBUTE,
          FUNCTION_NODE,
          FUNCTION_OPSET_IMPORT,
          FUNCTION_DEFAULT,
          FUNCTION_VALUE_INFO);
  private static final Set<Integer> FUNCTION_ID =
      Set.of(FUNCTION_NAME, FUNCTION_DOMAIN, FUNCTION_OVERLOAD);
  private static final Set<Integer> NODE_FIELDS = Set.of(NODE_INPUT, NODE_OUTPUT, NODE_ATTRIBUTE);
  private static final Set<Integer> NODE_ID = Set.of(NODE_OP_TYPE, NODE_DOMAIN, NODE_OVERLOAD);

  private final TensorWriter tensors;
  private final AttributeWriter attributes;

  GraphWriter(TensorWriter tensors) {
    this.tensors = tensors;
    this.attributes = new AttributeWriter(tensors, this);
  }

  /** A GraphProto. */
  Rope graph(Graph graph) {
    WireMessage message = new WireMessage();
    Kept.@Nullable OfGraph kept = graph.residue() instanceof Kept.OfGraph k ? k : null;
    if (kept != null) {
      message.keep(kept.message(), GRAPH_FIELDS);
    } else {
      message.put(GRAPH_NAME, graph.name());
    }
    graph.nodes().forEach(node -> message.put(GRAPH_NODE, node(node)));
    putInitializers(message, graph, kept);
    putDeclarations(message, GRAPH_INPUT, graph.inputs(), kept);
    putDeclarations(message, GRAPH_OUTPUT, graph.outputs(), kept);
    putValueInfo(message, GRAPH_VALUE_INFO, graph, kept);
    return message.rope();
  }

  /** A FunctionProto. */
  Rope function(Function function) {
    WireMessage message = new WireMessage();
    Graph body = function.body();
    OpId id = function.id();
    Kept.@Nullable OfFunction kept = function.residue() instanceof Kept.OfFunction k ? k : null;
    Set<Integer> dropped = new HashSet<>(FUNCTION_FIELDS);
    if (kept == null || !kept.id().equals(id)) {
      dropped.addAll(FUNCTION_ID);
      message.put(FUNCTION_NAME, id.type()).put(FUNCTION_DOMAIN, id.domain());
      if (!id.overload().isEmpty()) {
        message.put(FUNCTION_OVERLOAD, id.overload());
      }
    }
    if (kept != null) {
      message.keep(kept.message(), dropped);
    }
    body.inputs().forEach(input -> message.put(FUNCTION_INPUT, input.name()));
    body.outputs().forEach(output -> message.put(FUNCTION_OUTPUT, output.name()));
    function.attributes().forEach(name -> message.put(FUNCTION_ATTRIBUTE, name));
    function
        .defaults()
        .values()
        .forEach(attribute -> message.put(FUNCTION_DEFAULT, attributes.attribute(attribute)));
    body.nodes().forEach(node -> message.put(FUNCTION_NODE, node(node)));
    putValueInfo(
        message, FUNCTION_VALUE_INFO, body, body.residue() instanceof Kept.OfGraph k ? k : null);
    Entries.putOpsets(
        message, FUNCTION_OPSET_IMPORT, kept == null ? null : kept.message(), function.opsets());
    return message.rope();
  }

  private Rope node(Node node) {
    WireMessage message = new WireMessage();
    Set<Integer> dropped = new HashSet<>(NODE_FIELDS);
    Kept.@Nullable OfNode kept = node.residue() instanceof Kept.OfNode k ? k : null;
    if (kept == null || !kept.name().equals(node.name())) {
      dropped.add(NODE_NAME);
      if (!node.name().isEmpty()) {
        message.put(NODE_NAME, node.name());
      }
    }
    OpId op = node.op();
    if (kept == null || !kept.op().equals(op)) {
      dropped.addAll(NODE_ID);
      message.put(NODE_OP_TYPE, op.type());
      if (!op.domain().isEmpty()) {
        message.put(NODE_DOMAIN, op.domain());
      }
      if (!op.overload().isEmpty()) {
        message.put(NODE_OVERLOAD, op.overload());
      }
    }
    if (kept != null) {
      message.keep(kept.message(), dropped);
    }
    node.inputs().forEach(input -> message.put(NODE_INPUT, name(input)));
    node.outputs().forEach(output -> message.put(NODE_OUTPUT, name(output)));
    node.attributes()
        .forEach(attribute -> message.put(NODE_ATTRIBUTE, attributes.attribute(attribute)));
    return message.rope();
  }

  private static String name(@Nullable Value operand) {
    return operand == null ? "" : operand.name();
  }

  private void putInitializers(WireMessage message, Graph graph, Kept.@Nullable OfGraph kept) {
    Set<String> sparse = new HashSet<>();
    for (Value initializer : graph.initializers()) {
      Tensor constant = initializer.constant();
      if (constant == null) {
        sparse.add(initializer.name());
      } else {
        message.put(GRAPH_INITIALIZER, tensors.initializer(constant, initializer.name()));
      }
    }
    if (kept == null || sparse.isEmpty()) {
      return;
    }
    WireCursor cursor = kept.message().fields();
    while (cursor.next()) {
      if (cursor.is(GRAPH_SPARSE_INITIALIZER, WireCursor.BYTES)
          && sparse.contains(ParsedGraph.sparseName(cursor.content()))) {
        message.keep(cursor);
      }
    }
  }

  /**
   * Inputs or outputs: the order is the graph's, each declaration the one that was read if there
   * was one.
   */
  private static void putDeclarations(
      WireMessage message, int field, List<Value> values, Kept.@Nullable OfGraph kept) {
    Map<String, Deque<Span>> read = new HashMap<>();
    if (kept != null) {
      WireCursor cursor = kept.message().fields();
      while (cursor.next()) {
        if (cursor.is(field, WireCursor.BYTES)) {
          read.computeIfAbsent(Declaration.of(cursor.content()).name(), n -> new ArrayDeque<>())
              .add(cursor.content());
        }
      }
    }
    for (Value value : values) {
      Deque<Span> declarations = read.getOrDefault(value.name(), new ArrayDeque<>());
      Span declaration = declarations.size() > 1 ? declarations.remove() : declarations.peek();
      message.put(field, declaration(value, declaration, kept));
    }
  }

  /**
   * The order is the file's; declarations of values that the graph never had stay, those it lost
   * go.
   */
  private static void putValueInfo(
      WireMessage message, int field, Graph graph, Kept.@Nullable OfGraph kept) {
    Map<String, Value> declared = new LinkedHashMap<>();
    graph.declared().forEach(value -> declared.put(value.name(), value));
    Set<String> written = new HashSet<>();
    if (kept != null) {
      WireCursor cursor = kept.message().fields();
      while (cursor.next()) {
        if (cursor.is(field, WireCursor.BYTES)) {
          String name = Declaration.of(cursor.content()).name();
          Value value = declared.get(name);
          if (value != null) {
            message.put(field, declaration(value, cursor.content(), kept));
            written.add(name);
          } else if (!kept.declared().contains(name)) {
            message.keep(cursor);
          }
        }
      }
    }
    Collection<Value> others = declared.values();
    others.stream()
        .filter(value -> !written.contains(value.name()))
        .forEach(value -> message.put(field, declaration(value, null, null)));
  }

  private static Piece declaration(Value value, @Nullable Span read, Kept.@Nullable OfGraph kept) {
    ValueType type = value.type();
    if (read != null && kept != null && Objects.equals(type, kept.types().get(value.name()))) {
      return WireMessage.verbatim(read);
    }
    return new Piece.Bytes(DeclarationWriter.declaration(value.name(), type, read).toByteArray());
  }
}
