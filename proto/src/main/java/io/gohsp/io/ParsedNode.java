package io.gohsp.io;

import static io.gohsp.io.Field.NODE_ATTRIBUTE;
import static io.gohsp.io.Field.NODE_DOMAIN;
import static io.gohsp.io.Field.NODE_INPUT;
import static io.gohsp.io.Field.NODE_NAME;
import static io.gohsp.io.Field.NODE_OP_TYPE;
import static io.gohsp.io.Field.NODE_OUTPUT;
import static io.gohsp.io.Field.NODE_OVERLOAD;

import io.gohsp.ir.OpId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A node as its message has it; an absent input or output has an empty name. */
record ParsedNode(
    Span message,
    String name,
    OpId op,
    List<String> inputs,
    List<String> outputs,
    List<ParsedAttribute> attributes) {

  /**
   * @param depth how deep the graph of this node is nested
   */
  static ParsedNode of(Span message, int depth) {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<ParsedAttribute> attributes = new ArrayList<>();
    String name = "";
    String type = "";
    String domain = "";
    String overload = "";
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.wireType() != WireCursor.BYTES) {
        continue;
      }
      Span content = cursor.content();
      switch (cursor.field()) {
        case NODE_INPUT -> inputs.add(content.name());
        case NODE_OUTPUT -> outputs.add(content.name());
        case NODE_NAME -> name = content.text();
        case NODE_OP_TYPE -> type = content.name();
        case NODE_ATTRIBUTE -> attributes.add(ParsedAttribute.of(content, depth));
        case NODE_DOMAIN -> domain = content.name();
        case NODE_OVERLOAD -> overload = content.name();
        default -> {} // carried along in the message
      }
    }
    return new ParsedNode(
        message,
        name,
        new OpId(Domains.normalised(domain), type, overload),
        inputs,
        outputs,
        attributes);
  }

  /** What this node needs: its inputs, and what its subgraphs take from outside. */
  Set<String> reads() {
    Set<String> names = new LinkedHashSet<>(inputs);
    attributes.forEach(
        attribute -> attribute.graphs().forEach(graph -> names.addAll(graph.captured())));
    names.remove("");
    return names;
  }

  /** For messages; like a node of the IR. */
  String label() {
    String shown =
        name.isEmpty()
            ? outputs.stream()
                .filter(o -> !o.isEmpty())
                .findFirst()
                .map(o -> "-> " + o)
                .orElse("(unnamed)")
            : name;
    return op + " \"" + shown + "\"";
  }
}
