package io.gohsp.io;

import static io.gohsp.io.Field.FUNCTION_INPUT;
import static io.gohsp.io.Field.FUNCTION_NODE;
import static io.gohsp.io.Field.FUNCTION_OUTPUT;
import static io.gohsp.io.Field.FUNCTION_VALUE_INFO;
import static io.gohsp.io.Field.GRAPH_INITIALIZER;
import static io.gohsp.io.Field.GRAPH_INPUT;
import static io.gohsp.io.Field.GRAPH_NAME;
import static io.gohsp.io.Field.GRAPH_NODE;
import static io.gohsp.io.Field.GRAPH_OUTPUT;
import static io.gohsp.io.Field.GRAPH_SPARSE_INITIALIZER;
import static io.gohsp.io.Field.GRAPH_VALUE_INFO;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph, or the body of a function, as its message has it: everything goes by name still. Nodes
 * are in file order, which need not be topological.
 */
final class ParsedGraph {
  /** Far more than any exporter nests, far less than a stack bears. */
  static final int DEPTH_LIMIT = 100;

  final Span message;
  String name = "";
  final List<ParsedNode> nodes = new ArrayList<>();
  final List<Declaration> inputs = new ArrayList<>();
  final List<Declaration> outputs = new ArrayList<>();
  final List<Declaration> declared = new ArrayList<>();
  final List<Span> initializers = new ArrayList<>();
  final List<Span> sparseInitializers = new ArrayList<>();
  private @Nullable Set<String> captured;

  private ParsedGraph(Span message) {
    this.message = message;
  }

  static ParsedGraph ofGraph(Span message, int depth) {
    if (depth > DEPTH_LIMIT) {
      throw message.document().broken(message.offset(), "graphs nested deeper than " + DEPTH_LIMIT);
    }
    ParsedGraph graph = new ParsedGraph(message);
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.wireType() != WireCursor.BYTES) {
        continue;
      }
      switch (cursor.field()) {
        case GRAPH_NODE -> graph.nodes.add(ParsedNode.of(cursor.content(), depth));
        case GRAPH_NAME -> graph.name = cursor.content().text();
        case GRAPH_INITIALIZER -> graph.initializers.add(cursor.content());
        case GRAPH_INPUT -> graph.inputs.add(Declaration.of(cursor.content()));
        case GRAPH_OUTPUT -> graph.outputs.add(Declaration.of(cursor.content()));
        case GRAPH_VALUE_INFO -> graph.declared.add(Declaration.of(cursor.content()));
        case GRAPH_SPARSE_INITIALIZER -> graph.sparseInitializers.add(cursor.content());
        default -> {} // carried along in the message
      }
    }
    return graph;
  }

  static ParsedGraph ofFunction(Span message, String name) {
    ParsedGraph graph = new ParsedGraph(message);
    graph.name = name;
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.wireType() != WireCursor.BYTES) {
        continue;
      }
      switch (cursor.field()) {
        case FUNCTION_NODE -> graph.nodes.add(ParsedNode.of(cursor.content(), 1));
        case FUNCTION_INPUT -> graph.inputs.add(new Declaration(cursor.content().name(), null));
        case FUNCTION_OUTPUT -> graph.outputs.add(new Declaration(cursor.content().name(), null));
        case FUNCTION_VALUE_INFO -> graph.declared.add(Declaration.of(cursor.content()));
        default -> {} // carried along in the message
      }
    }
    return graph;
  }

  /** The names that this graph and the graphs nested in it read from the graphs around it. */
  Set<String> captured() {
    if (captured == null) {
      Set<String> names = new LinkedHashSet<>();
      nodes.forEach(node -> names.addAll(node.reads()));
      outputs.forEach(output -> names.add(output.name()));
      inputs.forEach(input -> names.remove(input.name()));
      initializers.forEach(initializer -> names.remove(TensorReader.nameOf(initializer)));
      sparseInitializers.forEach(sparse -> names.remove(sparseName(sparse)));
      nodes.forEach(node -> node.outputs().forEach(names::remove));
      captured = names;
    }
    return captured;
  }

  /** A sparse tensor goes by the name of its values. */
  static String sparseName(Span sparse) {
    WireCursor cursor = sparse.fields();
    while (cursor.next()) {
      if (cursor.is(Field.SPARSE_VALUES, WireCursor.BYTES)) {
        return TensorReader.nameOf(cursor.content());
      }
    }
    return "";
  }
}
