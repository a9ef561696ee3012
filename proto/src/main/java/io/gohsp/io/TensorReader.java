package io.gohsp.io;

import static io.gohsp.io.Field.TENSOR_DATA_LOCATION;
import static io.gohsp.io.Field.TENSOR_DIMS;
import static io.gohsp.io.Field.TENSOR_EXTERNAL_DATA;
import static io.gohsp.io.Field.TENSOR_NAME;
import static io.gohsp.io.Field.TENSOR_RAW;
import static io.gohsp.io.Field.TENSOR_SEGMENT;
import static io.gohsp.io.Field.TENSOR_TYPE;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes tensors of their messages. Contents stay where they are, in the model or beside it,
 * wherever possible.
 */
final class TensorReader {
  private static final int EXTERNAL = 1;

  /** More axes than any framework has. */
  private static final int AXIS_LIMIT = 64;

  private final ExternalData external;
  private boolean sawExternal;

  TensorReader(ExternalData external) {
    this.external = external;
  }

  /** Whether any tensor so far had its contents in a side file. */
  boolean sawExternal() {
    return sawExternal;
  }

  /** What a tensor's message says, before anything is made of it. */
  private static final class Parts {
    private final Span message;
    private long[] dims = new long[0];
    private int typeCode;
    private String name = "";
    private @Nullable Span raw;
    private boolean external;
    private boolean segmented;
    private final Map<Integer, TypedValues> typed = new TreeMap<>();
    private final Map<String, String> entries = new LinkedHashMap<>();

    Parts(Span message) {
      this.message = message;
      WireCursor cursor = message.fields();
      while (cursor.next()) {
        if (cursor.is(TENSOR_DIMS, WireCursor.VARINT)) {
          addDim(cursor.varint());
        } else if (cursor.is(TENSOR_DIMS, WireCursor.BYTES)) {
          WireCursor packed = cursor.content().fields();
          while (packed.hasMore()) {
            addDim(packed.readVarint());
          }
        } else if (cursor.is(TENSOR_TYPE, WireCursor.VARINT)) {
          typeCode = (int) cursor.varint();
        } else if (cursor.is(TENSOR_NAME, WireCursor.BYTES)) {
          name = cursor.content().name();
        } else if (cursor.is(TENSOR_RAW, WireCursor.BYTES)) {
          raw = cursor.content();
        } else if (cursor.is(TENSOR_EXTERNAL_DATA, WireCursor.BYTES)) {
          Entry entry = Entry.of(cursor.content());
          entries.put(entry.key(), entry.value());
        } else if (cursor.is(TENSOR_DATA_LOCATION, WireCursor.VARINT)) {
          external = cursor.varint() == EXTERNAL;
        } else if (cursor.field() == TENSOR_SEGMENT) {
          segmented = true;
        } else if (TypedValues.holds(cursor)) {
          typed.computeIfAbsent(cursor.field(), TypedValues::new).add(cursor);
        }
      }
      typed.values().removeIf(values -> values.count() == 0);
    }

    private void addDim(long dim) {
      if (dims.length <= AXIS_LIMIT) { // one too many is enough to know
        dims = Arrays.copyOf(dims, dims.length + 1);
        dims[dims.length - 1] = dim;
      }
    }

    Location location() {
      return message.document().location("tensor \"" + name + "\"");
    }

    ModelException.Malformed malformed(String problem) {
      return new ModelException.Malformed(location(), problem);
    }
  }

  /** The name in a tensor's message. */
  static String nameOf(Span message) {
    String name = "";
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(TENSOR_NAME, WireCursor.BYTES)) {
        name = cursor.content().name();
      }
    }
    return name;
  }

  /**
   * Refuses a tensor that nobody looks into if its contents lie in a side file: a copy would lose
   * them.
   */
  static void requireContentsInside(Span message) {
    Parts parts = new Parts(message);
    if (parts.external) {
      throw new ModelException.Unsupported(
          parts.location(),
          "a tensor in this place cannot have its data in a side file",
          "save the model with all data inside");
    }
  }

  /**
   * @throws ModelException.Malformed if the contents do not fit type and extents, or are not there
   */
  Tensor read(Span message) {
    Parts parts = new Parts(message);
    if (parts.typeCode == 0) {
      throw parts.malformed("has no element type");
    }
    if (parts.segmented) {
      throw new ModelException.Unsupported(
          parts.location(),
          "is stored in segments, which no ONNX tool writes",
          "store it in one piece");
    }
    ElementType type = ElementType.of(parts.typeCode);
    long elements = elements(parts);
    TensorData data = contents(parts, type, elements);
    sawExternal |= parts.external;
    return new Tensor(
        type, parts.dims, data, new TensorOrigin(message, parts.name, parts.external));
  }

  private static long elements(Parts parts) {
    if (parts.dims.length > AXIS_LIMIT) {
      throw parts.malformed("has more than " + AXIS_LIMIT + " axes");
    }
    for (int axis = 0; axis < parts.dims.length; axis++) {
      if (parts.dims[axis] < 0) {
        throw parts.malformed("has the negative extent " + parts.dims[axis] + " on axis " + axis);
      }
    }
    try {
      long elements = 1;
      for (long dim : parts.dims) {
        elements = Math.multiplyExact(elements, dim);
      }
      ElementType.COMPLEX128.bytes(
          elements); // nothing that is computed from the count later overflows
      return elements;
    } catch (ArithmeticException overflow) {
      throw new ModelException.Malformed(
          parts.location(),
          "has impossibly large extents " + Arrays.toString(parts.dims),
          overflow);
    }
  }

  private TensorData contents(Parts parts, ElementType type, long elements) {
    boolean known = type != ElementType.UNDEFINED;
    if (parts.external) {
      if (type == ElementType.STRING) {
        throw parts.malformed("is a tensor of strings, whose data cannot be in a side file");
      }
      return external.contents(parts.entries, known ? type.bytes(elements) : -1, parts.location());
    }
    if (parts.raw != null && !(parts.raw.length() == 0 && !parts.typed.isEmpty())) {
      return raw(parts, parts.raw, type, elements);
    }
    TypedValues.Storage storage = TypedValues.Storage.of(type, elements);
    if (storage == null) { // newer than this program; it is written back as it is
      return new TensorData.Heap(ByteBuffer.allocate(0));
    }
    TypedValues values =
        parts.typed.getOrDefault(storage.field(), new TypedValues(storage.field()));
    if (parts.typed.size() > 1 || (values.count() == 0 && !parts.typed.isEmpty())) {
      throw parts.malformed("has values of another type than " + type);
    }
    if (values.count() != storage.values()) {
      throw parts.malformed(
          "has "
              + values.count()
              + " values, but its extents "
              + Arrays.toString(parts.dims)
              + " call for "
              + storage.values());
    }
    long bytes = type.bits() == 0 ? values.textBytes() : type.bytes(elements);
    if (bytes > WireCursor.WINDOW) {
      throw parts.malformed("has " + bytes + " bytes as single values; store it as raw data");
    }
    return type == ElementType.STRING
        ? values.texts(parts.message)
        : values.raw(parts.message, type, (int) bytes);
  }

  private static TensorData raw(Parts parts, Span raw, ElementType type, long elements) {
    if (!parts.typed.isEmpty()) {
      throw parts.malformed("has its data twice, raw and as single values");
    }
    if (type == ElementType.STRING) {
      throw parts.malformed("is a tensor of strings, which cannot have raw data");
    }
    if (type != ElementType.UNDEFINED && raw.length() != type.bytes(elements)) {
      throw parts.malformed(
          "has "
              + raw.length()
              + " bytes of data, but "
              + type
              + " with extents "
              + Arrays.toString(parts.dims)
              + " takes "
              + type.bytes(elements));
    }
    return raw.data();
  }
}
