package io.gohsp.io;

import static io.gohsp.io.Field.TENSOR_DATA_LOCATION;
import static io.gohsp.io.Field.TENSOR_DIMS;
import static io.gohsp.io.Field.TENSOR_DOUBLES;
import static io.gohsp.io.Field.TENSOR_EXTERNAL_DATA;
import static io.gohsp.io.Field.TENSOR_FLOATS;
import static io.gohsp.io.Field.TENSOR_INT32S;
import static io.gohsp.io.Field.TENSOR_INT64S;
import static io.gohsp.io.Field.TENSOR_NAME;
import static io.gohsp.io.Field.TENSOR_RAW;
import static io.gohsp.io.Field.TENSOR_STRINGS;
import static io.gohsp.io.Field.TENSOR_TYPE;
import static io.gohsp.io.Field.TENSOR_UINT64S;

import io.gohsp.onnx.StringStringEntryProto;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes messages of tensors: an untouched one is written as it was read, others as raw data. */
final class TensorWriter {
  private static final Set<Integer> CONTENTS =
      Set.of(
          TENSOR_RAW,
          TENSOR_FLOATS,
          TENSOR_INT32S,
          TENSOR_STRINGS,
          TENSOR_INT64S,
          TENSOR_DOUBLES,
          TENSOR_UINT64S,
          TENSOR_EXTERNAL_DATA,
          TENSOR_DATA_LOCATION);
  private static final int EXTERNAL = 1;

  private final Placement placement;

  TensorWriter(Placement placement) {
    this.placement = placement;
  }

  /**
   * An initializer, under the name of its value, which need not be the name its tensor was read
   * with.
   */
  Piece initializer(Tensor tensor, String name) {
    return message(tensor, name, true);
  }

  /** An attribute's tensor, which keeps the name it has, if any. */
  Piece attribute(Tensor tensor) {
    return message(tensor, null, false);
  }

  /** Whether an attribute's tensor is written as it was read. */
  boolean isUntouched(Tensor tensor) {
    return tensor.origin() instanceof TensorOrigin origin && !origin.external();
  }

  private Piece message(Tensor tensor, @Nullable String name, boolean initializer) {
    Placement.Place place = placement.place(tensor, initializer);
    if (!(tensor.origin() instanceof TensorOrigin origin)) {
      return fresh(tensor, name, place);
    }
    boolean renamed = name != null && !name.equals(origin.name());
    if (place == null && !origin.external()) {
      return renamed
          ? new WireMessage()
              .keep(origin.message(), Set.of(TENSOR_NAME))
              .put(TENSOR_NAME, name)
              .rope()
          : WireMessage.verbatim(origin.message());
    }
    WireMessage message = new WireMessage();
    WireCursor cursor = origin.message().fields();
    while (cursor.next()) {
      if (!CONTENTS.contains(cursor.field()) && !(renamed && cursor.field() == TENSOR_NAME)) {
        message.keep(cursor);
      }
    }
    if (renamed) {
      message.put(TENSOR_NAME, name);
    }
    return putContents(message, tensor, place).rope();
  }

  private Piece fresh(Tensor tensor, @Nullable String name, Placement.@Nullable Place place) {
    if (tensor.type() == ElementType.STRING || tensor.type() == ElementType.UNDEFINED) {
      throw new IllegalArgumentException(
          "only a tensor that was read can be one of " + tensor.type());
    }
    WireMessage message = new WireMessage();
    for (long dim : tensor.dims()) {
      message.put(TENSOR_DIMS, dim);
    }
    message.put(TENSOR_TYPE, tensor.type().code());
    if (name != null) {
      message.put(TENSOR_NAME, name);
    }
    return putContents(message, tensor, place).rope();
  }

  private WireMessage putContents(
      WireMessage message, Tensor tensor, Placement.@Nullable Place place) {
    if (place == null) {
      return message.put(TENSOR_RAW, tensor.data());
    }
    return message
        .put(TENSOR_EXTERNAL_DATA, entry("location", place.file()))
        .put(TENSOR_EXTERNAL_DATA, entry("offset", Long.toString(place.offset())))
        .put(TENSOR_EXTERNAL_DATA, entry("length", Long.toString(tensor.data().byteSize())))
        .put(TENSOR_DATA_LOCATION, EXTERNAL);
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
