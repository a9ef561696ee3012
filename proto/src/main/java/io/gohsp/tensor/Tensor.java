package io.gohsp.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A constant: element type, extents and contents. Immutable.
 *
 * <p>{@code origin} is what the reader keeps so that an untouched tensor is written back as it was
 * read; anything that changes the contents makes a new tensor without it.
 */
public final class Tensor {
  private final ElementType type;
  private final long[] dims;
  private final TensorData data;
  private final @Nullable Object origin;

  /**
   * @param origin opaque to everybody but the reader that made it
   * @throws ArithmeticException if the product of the extents overflows
   */
  public Tensor(ElementType type, long[] dims, TensorData data, @Nullable Object origin) {
    this.type = type;
    this.dims = dims.clone();
    this.data = data;
    this.origin = origin;
    size();
  }

  public Tensor(ElementType type, long[] dims, TensorData data) {
    this(type, dims, data, null);
  }

  public ElementType type() {
    return type;
  }

  public long[] dims() {
    return dims.clone();
  }

  public int rank() {
    return dims.length;
  }

  public long dim(int axis) {
    return dims[axis];
  }

  public TensorData data() {
    return data;
  }

  public @Nullable Object origin() {
    return origin;
  }

  /** Number of elements. */
  public long size() {
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  /**
   * The part that {@code selection} keeps, without copying; this very tensor if that is all of it.
   */
  public Tensor select(Selection selection) {
    return selection.isAll()
        ? this
        : new Tensor(type, selection.dims(), new SlicedData(data, type, selection));
  }

  /** The elements of a whole-number or boolean tensor, widened. */
  public long[] longs() {
    ByteBuffer b = data.bytes();
    long[] out = new long[Math.toIntExact(size())];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (type) {
            case INT64, UINT64 -> b.getLong(8 * i);
            case INT32 -> b.getInt(4 * i);
            case UINT32 -> Integer.toUnsignedLong(b.getInt(4 * i));
            case INT16 -> b.getShort(2 * i);
            case UINT16 -> Short.toUnsignedLong(b.getShort(2 * i));
            case INT8 -> b.get(i);
            case UINT8, BOOL -> Byte.toUnsignedLong(b.get(i));
            case UINT4 -> b.get(i / 2) >> (i % 2 * 4) & 0xF;
            case INT4 -> (byte) (b.get(i / 2) >> (i % 2 * 4) << 4) >> 4;
            case UINT2 -> b.get(i / 4) >> (i % 4 * 2) & 3;
            case INT2 -> (byte) (b.get(i / 4) >> (i % 4 * 2) << 6) >> 6;
            default ->
                throw new IllegalStateException("a " + type + " tensor has no whole numbers");
          };
    }
    return out;
  }

  /** The elements as floats, whatever numeric type they are stored in; doubles are rounded. */
  public float[] floats() {
    ByteBuffer b = data.bytes();
    float[] out = new float[Math.toIntExact(size())];
    switch (type) {
      case FLOAT -> b.asFloatBuffer().get(out);
      case DOUBLE -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = (float) b.getDouble(8 * i);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = HalfFloats.fromHalf(b.getShort(2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = HalfFloats.fromBrain(b.getShort(2 * i));
        }
      }
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = SmallFloats.decode(type, Byte.toUnsignedInt(b.get(i)));
        }
      }
      case FLOAT4E2M1 -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = SmallFloats.decode(type, b.get(i / 2) >> (i % 2 * 4) & 0xF);
        }
      }
      default -> {
        long[] whole = longs();
        for (int i = 0; i < out.length; i++) {
          out[i] = whole[i];
        }
      }
    }
    return out;
  }

  /** The elements as doubles, whatever numeric type they are stored in. */
  public double[] doubles() {
    double[] out = new double[Math.toIntExact(size())];
    if (type == ElementType.DOUBLE) {
      data.bytes().asDoubleBuffer().get(out);
      return out;
    }
    float[] floats = floats();
    for (int i = 0; i < out.length; i++) {
      out[i] = floats[i];
    }
    return out;
  }

  /** An INT64 vector, as shape operands are. */
  public static Tensor ofLongs(long... values) {
    ByteBuffer b = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asLongBuffer().put(values);
    return new Tensor(ElementType.INT64, new long[] {values.length}, new TensorData.Heap(b));
  }

  /** An INT64 scalar (rank 0). */
  public static Tensor ofLong(long value) {
    return new Tensor(ElementType.INT64, new long[0], ofLongs(value).data());
  }

  /** A FLOAT tensor of the given extents. */
  public static Tensor ofFloats(long[] dims, float... values) {
    return ofFloats(ElementType.FLOAT, dims, values);
  }

  /** Whether tensors of a type can be made of floats. */
  public static boolean holdsFloats(ElementType type) {
    return switch (type) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  /** A floating tensor of the given type and extents; values are rounded to the type. */
  public static Tensor ofFloats(ElementType type, long[] dims, float... values) {
    ByteBuffer b =
        ByteBuffer.allocate(Math.toIntExact(type.bytes(values.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case FLOAT -> b.putFloat(value);
        case DOUBLE -> b.putDouble(value);
        case FLOAT16 -> b.putShort(HalfFloats.toHalf(value));
        case BFLOAT16 -> b.putShort(HalfFloats.toBrain(value));
        default -> throw new IllegalArgumentException(type + " holds no floats");
      }
    }
    return new Tensor(type, dims, new TensorData.Heap(b.flip()));
  }

  /** A floating tensor of the given type and extents; values are rounded to the type, once. */
  public static Tensor ofDoubles(ElementType type, long[] dims, double... values) {
    if (type == ElementType.DOUBLE) {
      ByteBuffer b = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      b.asDoubleBuffer().put(values);
      return new Tensor(type, dims, new TensorData.Heap(b));
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] =
          type == ElementType.FLOAT ? (float) values[i] : HalfFloats.roundedToOdd(values[i]);
    }
    return ofFloats(type, dims, floats);
  }

  /**
   * A whole-number or boolean tensor of the given type (at least a byte wide) and extents; the low
   * bits are kept.
   */
  public static Tensor ofIntegers(ElementType type, long[] dims, long... values) {
    ByteBuffer b =
        ByteBuffer.allocate(Math.toIntExact(type.bytes(values.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      switch (type) {
        case INT64, UINT64 -> b.putLong(value);
        case INT32, UINT32 -> b.putInt((int) value);
        case INT16, UINT16 -> b.putShort((short) value);
        case INT8, UINT8, BOOL -> b.put((byte) value);
        default -> throw new IllegalArgumentException(type + " holds no whole bytes");
      }
    }
    return new Tensor(type, dims, new TensorData.Heap(b.flip()));
  }

  @Override
  public String toString() {
    return type + Arrays.toString(dims);
  }
}
