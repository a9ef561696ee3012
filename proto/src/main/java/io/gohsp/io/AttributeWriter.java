package io.gohsp.io;

import static io.gohsp.io.Field.ATTRIBUTE_DOC;
import static io.gohsp.io.Field.ATTRIBUTE_GRAPH;
import static io.gohsp.io.Field.ATTRIBUTE_GRAPHS;
import static io.gohsp.io.Field.ATTRIBUTE_NAME;
import static io.gohsp.io.Field.ATTRIBUTE_TENSOR;
import static io.gohsp.io.Field.ATTRIBUTE_TYPE;

import com.google.protobuf.ByteString;
import io.gohsp.ir.Attribute;
import io.gohsp.onnx.AttributeProto;
import io.gohsp.onnx.AttributeProto.AttributeType;
import io.gohsp.tensor.TensorData;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of attributes: one whose content is the one it was read with is written as it was
 * read.
 */
final class AttributeWriter {
  /** The last field that ONNX defines for attributes; later ones are unknown to us. */
  private static final int LAST = 23;

  private final TensorWriter tensors;
  private final GraphWriter graphs;

  AttributeWriter(TensorWriter tensors, GraphWriter graphs) {
    this.tensors = tensors;
    this.graphs = graphs;
  }

  Piece attribute(Attribute attribute) {
    Kept.@Nullable OfAttribute kept = attribute.residue() instanceof Kept.OfAttribute k ? k : null;
    Attribute.Content content = attribute.content();
    if (content instanceof Attribute.GraphValue one) { // graphs may have changed inside
      return around(attribute, kept, ATTRIBUTE_GRAPH, AttributeType.GRAPH)
          .put(ATTRIBUTE_GRAPH, graphs.graph(one.value()))
          .rope();
    }
    if (content instanceof Attribute.GraphsValue many) {
      WireMessage message = around(attribute, kept, ATTRIBUTE_GRAPHS, AttributeType.GRAPHS);
      many.values().forEach(graph -> message.put(ATTRIBUTE_GRAPHS, graphs.graph(graph)));
      return message.rope();
    }
    if (content instanceof Attribute.TensorValue tensor
        && !(tensors.isUntouched(tensor.value())
            && kept != null
            && kept.content().equals(content))) {
      return around(attribute, kept, ATTRIBUTE_TENSOR, AttributeType.TENSOR)
          .put(ATTRIBUTE_TENSOR, tensors.attribute(tensor.value()))
          .rope();
    }
    if (kept != null && kept.content().equals(content)) {
      return WireMessage.verbatim(kept.message());
    }
    WireMessage message = kept == null ? new WireMessage() : rest(kept.message());
    AttributeProto fresh = plain(content).setName(attribute.name()).build();
    Document document =
        new Document(new TensorData.Heap(fresh.toByteString().asReadOnlyByteBuffer()), null);
    return message.keep(document.all(), Set.of()).rope();
  }

  /** Everything but the value. */
  private static WireMessage around(
      Attribute attribute, Kept.@Nullable OfAttribute kept, int valueField, AttributeType type) {
    if (kept != null && kept.content().getClass() == attribute.content().getClass()) {
      return new WireMessage().keep(kept.message(), Set.of(valueField));
    }
    WireMessage message = kept == null ? new WireMessage() : rest(kept.message());
    return message.put(ATTRIBUTE_NAME, attribute.name()).put(ATTRIBUTE_TYPE, type.getNumber());
  }

  /** What stays of an attribute whose value is replaced: its doc string, and what is unknown. */
  private static WireMessage rest(Span message) {
    WireMessage rest = new WireMessage();
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.field() == ATTRIBUTE_DOC || cursor.field() > LAST) {
        rest.keep(cursor);
      }
    }
    return rest;
  }

  private static AttributeProto.Builder plain(Attribute.Content content) {
    AttributeProto.Builder proto = AttributeProto.newBuilder();
    if (content instanceof Attribute.IntValue v) {
      return proto.setType(AttributeType.INT).setI(v.value());
    }
    if (content instanceof Attribute.FloatValue v) {
      return proto.setType(AttributeType.FLOAT).setF(v.value());
    }
    if (content instanceof Attribute.StringValue v) {
      return proto.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(v.value()));
    }
    if (content instanceof Attribute.IntsValue v) {
      return proto.setType(AttributeType.INTS).addAllInts(v.values());
    }
    if (content instanceof Attribute.FloatsValue v) {
      return proto.setType(AttributeType.FLOATS).addAllFloats(v.values());
    }
    if (content instanceof Attribute.StringsValue v) {
      return proto
          .setType(AttributeType.STRINGS)
          .addAllStrings(v.values().stream().map(ByteString::copyFromUtf8).toList());
    }
    if (content instanceof Attribute.Reference v) {
      AttributeType type = AttributeType.forNumber(v.typeCode());
      return proto
          .setType(type == null ? AttributeType.UNDEFINED : type)
          .setRefAttrName(v.attribute());
    }
    throw new IllegalArgumentException(
        "only an attribute that was read can have content of kind " + content);
  }
}
