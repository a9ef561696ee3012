package io.gohsp.io;

import static io.gohsp.io.Field.ATTRIBUTE_FLOAT;
import static io.gohsp.io.Field.ATTRIBUTE_FLOATS;
import static io.gohsp.io.Field.ATTRIBUTE_GRAPH;
import static io.gohsp.io.Field.ATTRIBUTE_GRAPHS;
import static io.gohsp.io.Field.ATTRIBUTE_INT;
import static io.gohsp.io.Field.ATTRIBUTE_INTS;
import static io.gohsp.io.Field.ATTRIBUTE_NAME;
import static io.gohsp.io.Field.ATTRIBUTE_REFERENCE;
import static io.gohsp.io.Field.ATTRIBUTE_SPARSE_TENSOR;
import static io.gohsp.io.Field.ATTRIBUTE_SPARSE_TENSORS;
import static io.gohsp.io.Field.ATTRIBUTE_STRING;
import static io.gohsp.io.Field.ATTRIBUTE_STRINGS;
import static io.gohsp.io.Field.ATTRIBUTE_TENSOR;
import static io.gohsp.io.Field.ATTRIBUTE_TENSORS;
import static io.gohsp.io.Field.ATTRIBUTE_TYPE;
import static io.gohsp.io.Field.SPARSE_INDICES;
import static io.gohsp.io.Field.SPARSE_VALUES;

import io.gohsp.ir.Attribute;
import io.gohsp.onnx.AttributeProto.AttributeType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attribute as its message has it.
 *
 * @param content numbers and texts; null for tensors and graphs, which are in the two lists
 */
record ParsedAttribute(
    Span message,
    String name,
    AttributeType type,
    Attribute.@Nullable Content content,
    List<Span> tensors,
    List<ParsedGraph> graphs) {

  /**
   * @param depth how deep the graph around the attribute's node is nested
   */
  static ParsedAttribute of(Span message, int depth) {
    return new Fields(message, depth).attribute();
  }

  /** The fields of the message, collected. */
  private static final class Fields {
    private final Span message;
    private String name = "";
    private String reference = "";
    private int typeCode;
    private boolean single = true;
    private AttributeType implied = AttributeType.UNDEFINED;
    private float number;
    private long integer;
    private String text = "";
    private final List<Float> floats = new ArrayList<>();
    private final List<Long> ints = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final List<Span> tensors = new ArrayList<>();
    private final List<ParsedGraph> graphs = new ArrayList<>();
    private @Nullable Span graph;
    private final List<Span> manyGraphs = new ArrayList<>();

    Fields(Span message, int depth) {
      this.message = message;
      WireCursor cursor = message.fields();
      while (cursor.next()) {
        switch (cursor.wireType()) {
          case WireCursor.BYTES -> bytes(cursor);
          case WireCursor.VARINT -> varint(cursor);
          case WireCursor.FIXED32 -> fixed(cursor);
          default -> {} // carried along in the message
        }
      }
      AttributeType type = type();
      if (type == AttributeType.GRAPH && graph != null) {
        graphs.add(ParsedGraph.ofGraph(graph, depth + 1));
      } else if (type == AttributeType.GRAPHS) {
        manyGraphs.forEach(g -> graphs.add(ParsedGraph.ofGraph(g, depth + 1)));
      }
    }

    private void varint(WireCursor cursor) {
      switch (cursor.field()) {
        case ATTRIBUTE_INT -> {
          integer = cursor.varint();
          imply(AttributeType.INT);
        }
        case ATTRIBUTE_INTS -> {
          ints.add(cursor.varint());
          imply(AttributeType.INTS);
        }
        case ATTRIBUTE_TYPE -> typeCode = (int) cursor.varint();
        default -> {} // carried along in the message
      }
    }

    private void fixed(WireCursor cursor) {
      switch (cursor.field()) {
        case ATTRIBUTE_FLOAT -> {
          number = Float.intBitsToFloat(cursor.fixed32());
          imply(AttributeType.FLOAT);
        }
        case ATTRIBUTE_FLOATS -> {
          floats.add(Float.intBitsToFloat(cursor.fixed32()));
          imply(AttributeType.FLOATS);
        }
        default -> {} // carried along in the message
      }
    }

    private void bytes(WireCursor cursor) {
      Span content = cursor.content();
      switch (cursor.field()) {
        case ATTRIBUTE_NAME -> name = content.name();
        case ATTRIBUTE_REFERENCE -> reference = content.name();
        case ATTRIBUTE_STRING -> {
          text = content.text();
          imply(AttributeType.STRING);
        }
        case ATTRIBUTE_STRINGS -> {
          texts.add(content.text());
          imply(AttributeType.STRINGS);
        }
        case ATTRIBUTE_FLOATS -> {
          ByteBuffer packed = ByteBuffer.wrap(content.copy()).order(ByteOrder.LITTLE_ENDIAN);
          while (packed.remaining() >= 4) {
            floats.add(packed.getFloat());
          }
          imply(AttributeType.FLOATS);
        }
        case ATTRIBUTE_INTS -> {
          WireCursor packed = content.fields();
          while (packed.hasMore()) {
            ints.add(packed.readVarint());
          }
          imply(AttributeType.INTS);
        }
        case ATTRIBUTE_TENSOR -> {
          single = single && tensors.isEmpty();
          tensors.add(content);
          imply(AttributeType.TENSOR);
        }
        case ATTRIBUTE_GRAPH -> {
          single = single && graph == null;
          graph = content;
          imply(AttributeType.GRAPH);
        }
        case ATTRIBUTE_GRAPHS -> {
          manyGraphs.add(content);
          imply(AttributeType.GRAPHS);
        }
        case ATTRIBUTE_TENSORS -> TensorReader.requireContentsInside(content);
        case ATTRIBUTE_SPARSE_TENSOR, ATTRIBUTE_SPARSE_TENSORS -> requireContentsInside(content);
        default -> {} // carried along in the message
      }
    }

    /** Files older than the type field tell the kind by the field that is there. */
    private void imply(AttributeType type) {
      implied = type;
    }

    private AttributeType type() {
      if (typeCode == 0) {
        return implied;
      }
      AttributeType type = AttributeType.forNumber(typeCode);
      return type == null ? AttributeType.UNDEFINED : type;
    }

    ParsedAttribute attribute() {
      AttributeType type = type();
      if (!single
          || (type == AttributeType.TENSOR && tensors.isEmpty())
          || (type == AttributeType.GRAPH && graph == null)) {
        if (reference.isEmpty()) {
          throw message
              .document()
              .broken(
                  message.offset(),
                  "attribute \"" + name + "\" should have exactly one value of type " + type);
        }
      }
      return new ParsedAttribute(message, name, type, content(type), tensors, graphs);
    }

    private Attribute.@Nullable Content content(AttributeType type) {
      if (!reference.isEmpty()) {
        return new Attribute.Reference(reference, typeCode);
      }
      return switch (type) {
        case FLOAT -> new Attribute.FloatValue(number);
        case INT -> new Attribute.IntValue(integer);
        case STRING -> new Attribute.StringValue(text);
        case FLOATS -> new Attribute.FloatsValue(floats);
        case INTS -> new Attribute.IntsValue(ints);
        case STRINGS -> new Attribute.StringsValue(texts);
        case TENSOR, GRAPH, GRAPHS -> null;
        case UNDEFINED, SPARSE_TENSOR, TYPE_PROTO, TENSORS, SPARSE_TENSORS, TYPE_PROTOS ->
            new Attribute.Opaque();
      };
    }
  }

  /** A sparse tensor is carried along as it is, so both of its parts must be in it. */
  static void requireContentsInside(Span sparse) {
    WireCursor cursor = sparse.fields();
    while (cursor.next()) {
      if (cursor.is(SPARSE_VALUES, WireCursor.BYTES)
          || cursor.is(SPARSE_INDICES, WireCursor.BYTES)) {
        TensorReader.requireContentsInside(cursor.content());
      }
    }
  }
}
