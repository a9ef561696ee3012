package io.gohsp.ort;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What goes into a program and what comes out: element type, extents and contents, in memory that
 * Java owns. Unlike {@link Tensor} it can be written to. Numbers lie row-major and little-endian,
 * which is the byte order of every machine ONNX Runtime exists for; texts are a list.
 */
public final class HostTensor {
  private static final int ALIGNMENT = 64; // a cache line, and the widest vector register

  private final ElementType type;
  private final long[] dims;
  private final ByteBuffer data;
  private final @Nullable List<String> texts;

  private HostTensor(ElementType type, long[] dims, ByteBuffer data, @Nullable List<String> texts) {
    this.type = type;
    this.dims = dims.clone();
    this.data = data;
    this.texts = texts;
  }

  /**
   * Zeros in aligned direct memory, which ONNX Runtime reads and writes without copying.
   *
   * @throws IllegalArgumentException if the type has no fixed size or the tensor would take 2 GiB
   *     or more
   */
  public static HostTensor allocate(ElementType type, long... dims) {
    long bytes = type.bytes(elements(dims));
    if (type.bits() == 0 || bytes > Integer.MAX_VALUE - ALIGNMENT) {
      throw new IllegalArgumentException(
          "cannot allocate " + type + Arrays.toString(dims) + ": " + bytes + " bytes");
    }
    ByteBuffer memory = ByteBuffer.allocateDirect((int) bytes + ALIGNMENT);
    int start = (ALIGNMENT - memory.alignmentOffset(0, ALIGNMENT)) % ALIGNMENT;
    return new HostTensor(type, dims, memory.slice(start, (int) bytes), null);
  }

  /**
   * Memory that somebody else allocated, used as it is. Direct memory travels to ONNX Runtime
   * without copying.
   *
   * @throws IllegalArgumentException if it does not have exactly the size of the tensor
   */
  public static HostTensor wrap(ElementType type, long[] dims, ByteBuffer memory) {
    if (type.bits() == 0 || memory.remaining() != type.bytes(elements(dims))) {
      throw new IllegalArgumentException(
          memory.remaining() + " bytes do not hold " + type + Arrays.toString(dims));
    }
    return new HostTensor(type, dims, memory.slice(), null);
  }

  /** A copy of a constant of a model. */
  public static HostTensor of(Tensor tensor) {
    HostTensor host = allocate(tensor.type(), tensor.dims());
    host.bytes().put(tensor.data().bytes());
    return host;
  }

  /** A FLOAT tensor. */
  public static HostTensor ofFloats(long[] dims, float... values) {
    return of(Tensor.ofFloats(dims, values));
  }

  /** A floating tensor of any type; values are rounded to it. */
  public static HostTensor ofFloats(ElementType type, long[] dims, float... values) {
    return of(Tensor.ofFloats(type, dims, values));
  }

  /** A whole-number or boolean tensor. */
  public static HostTensor ofIntegers(ElementType type, long[] dims, long... values) {
    return of(Tensor.ofIntegers(type, dims, values));
  }

  /** Texts. */
  public static HostTensor ofTexts(long[] dims, List<String> texts) {
    if (texts.size() != elements(dims)) {
      throw new IllegalArgumentException(texts.size() + " texts for " + Arrays.toString(dims));
    }
    return new HostTensor(ElementType.STRING, dims, ByteBuffer.allocate(0), List.copyOf(texts));
  }

  private static long elements(long[] dims) {
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  public ElementType type() {
    return type;
  }

  public long[] dims() {
    return dims.clone();
  }

  /**
   * Some positions of the first axis; the same memory.
   *
   * @throws IndexOutOfBoundsException if there are not as many
   */
  public HostTensor rows(int from, int count) {
    long[] some = dims.clone();
    Objects.checkFromIndexSize(from, count, Math.toIntExact(dims[0]));
    some[0] = count;
    if (texts != null) {
      int each = dims[0] == 0 ? 0 : size() / Math.toIntExact(dims[0]);
      return ofTexts(some, texts.subList(from * each, (from + count) * each));
    }
    ByteBuffer all = bytes();
    int each = dims[0] == 0 ? 0 : Math.toIntExact(all.capacity() / dims[0]);
    return wrap(type, some, all.slice(from * each, count * each));
  }

  /** The same in memory of its own. */
  public HostTensor copy() {
    ByteBuffer own = ByteBuffer.allocateDirect(data.capacity()).put(bytes()).flip();
    return new HostTensor(type, dims, own, texts);
  }

  /** Number of elements. */
  public int size() {
    return Math.toIntExact(elements(dims));
  }

  /** The memory itself from its start, writable, little-endian. */
  public ByteBuffer bytes() {
    return data.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The elements as floats, whatever numeric type they have; a copy. */
  public float[] floats() {
    return asTensor().floats();
  }

  /** The elements of a whole-number or boolean tensor, widened; a copy. */
  public long[] longs() {
    return asTensor().longs();
  }

  /** The elements as doubles, whatever numeric type they have; a copy, exact up to 2^53. */
  public double[] doubles() {
    double[] out = new double[size()];
    if (type == ElementType.DOUBLE) {
      bytes().asDoubleBuffer().get(out);
    } else if (type.isFloating()) {
      float[] floats = floats();
      Arrays.setAll(out, i -> floats[i]);
    } else {
      long[] longs = longs();
      Arrays.setAll(out, i -> longs[i]);
    }
    return out;
  }

  /** The elements one by one, as {@link #doubles}; no copy of floating ones of 32 or 64 bits. */
  public IntToDoubleFunction elements() {
    if (type == ElementType.FLOAT) {
      FloatBuffer floats = bytes().asFloatBuffer();
      return floats::get;
    }
    if (type == ElementType.DOUBLE) {
      DoubleBuffer numbers = bytes().asDoubleBuffer();
      return numbers::get;
    }
    double[] copy = doubles();
    return index -> copy[index];
  }

  /**
   * The elements of a STRING tensor.
   *
   * @throws IllegalStateException if it holds numbers
   */
  public List<String> texts() {
    if (texts == null) {
      throw new IllegalStateException("a " + type + " tensor has no texts");
    }
    return texts;
  }

  private Tensor asTensor() {
    return new Tensor(type, dims, new TensorData.Heap(bytes()));
  }

  @Override
  public String toString() {
    return type + Arrays.toString(dims);
  }
}
