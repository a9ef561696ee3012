package io.gohsp.text;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import io.gohsp.text.Token.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Reads the contents of tensors: elements in braces, or a generator. */
final class TensorParser {
  /** Larger tensors do not belong in a text; a small one could ask for any amount of memory. */
  private static final long MAX_SIZE = 1L << 26;

  /** The origin of tensors whose contents the text leaves out. */
  static final Object ELIDED = new Object();

  private final TokenStream in;

  TensorParser(TokenStream in) {
    this.in = in;
  }

  /**
   * Contents of the given type.
   *
   * @param typeToken where the type is, for messages
   * @param elidable whether contents may be left out; the tensor then has no data, and the origin
   *     {@link #ELIDED}
   */
  Tensor parse(@Nullable ValueType type, Token typeToken, boolean elidable) {
    if (!(type instanceof ValueType.TensorType declared)) {
      throw in.error(typeToken, "contents need a tensor type");
    }
    ElementType element = declared.element();
    long[] dims = extents(declared.shape(), typeToken);
    int size = size(dims, typeToken);
    Token start = in.peek();
    if (start.isSymbol("...") || (start.isSymbol("{") && in.peek(1).isSymbol("..."))) {
      return elided(element, dims, elidable);
    }
    if (!ElementText.hasNotation(element)) {
      throw in.error(typeToken, "elements of type " + TypeText.name(element) + " have no notation");
    }
    if (start.is(Kind.IDENTIFIER)) {
      return generated(element, dims, size);
    }
    if (start.isSymbol("[")) {
      throw in.error(start, "external data cannot be read from text; write the elements in braces");
    }
    return elements(element, dims, size);
  }

  private long[] extents(@Nullable List<Dim> shape, Token typeToken) {
    if (shape == null || !shape.stream().allMatch(Dim::isKnown)) {
      throw in.error(typeToken, "a tensor with contents needs numbers as extents");
    }
    return shape.stream().mapToLong(Dim::value).toArray();
  }

  private int size(long[] dims, Token typeToken) {
    long size = 1;
    for (long dim : dims) {
      if (dim > MAX_SIZE || size * dim > MAX_SIZE) {
        throw in.error(typeToken, "a tensor in a text may have at most " + MAX_SIZE + " elements");
      }
      size *= dim;
    }
    return (int) size;
  }

  private Tensor elided(ElementType element, long[] dims, boolean elidable) {
    if (!elidable) {
      throw in.error(
          in.peek(), "the contents were left out when this was printed; print them in full");
    }
    if (in.accept("{")) {
      in.expect("...");
      in.expect("}");
    } else {
      in.expect("...");
    }
    return new Tensor(element, dims, new TensorData.Heap(ByteBuffer.allocate(0)), ELIDED);
  }

  private Tensor generated(ElementType element, long[] dims, int size) {
    Token name = in.next();
    DoubleSupplier elements = TensorGenerator.parse(name.text(), in);
    if (elements == null) {
      throw in.error(
          name, "expected '{', random(SEED, DEVIATION), zeros, ones or range, found " + name);
    }
    boolean fractions = name.text().equals("random");
    if (element.bits() < 8 || isFloat8(element) || (fractions && !element.isFloating())) {
      throw in.error(name, name.text() + " cannot make elements of type " + TypeText.name(element));
    }
    return TensorGenerator.fill(element, dims, size, elements);
  }

  private Tensor elements(ElementType element, long[] dims, int size) {
    Token start = in.peek();
    if (size > in.remaining()) { // before anything is allocated
      throw in.error(start, "fewer elements than the type has, which is " + size);
    }
    return switch (element) {
      case FLOAT -> Tensor.ofFloats(dims, floats(size));
      case DOUBLE -> new Tensor(element, dims, new TensorData.Heap(doubles(size)));
      case FLOAT16, BFLOAT16 ->
          in.peek(1).is(Kind.INTEGER)
              ? new Tensor(
                  element,
                  dims,
                  Tensor.ofIntegers(ElementType.UINT16, dims, integers(size, 0, 0xFFFF)).data())
              : Tensor.ofFloats(element, dims, halves(size));
      case INT4 -> new Tensor(element, dims, new TensorData.Heap(nibbles(integers(size, -8, 7))));
      case UINT4 -> new Tensor(element, dims, new TensorData.Heap(nibbles(integers(size, 0, 15))));
      case UINT64 -> Tensor.ofIntegers(element, dims, unsigned(size));
      case BOOL -> Tensor.ofIntegers(element, dims, integers(size, 0, 1));
      case INT8, INT16, INT32, INT64 -> {
        long max = Long.MAX_VALUE >> (64 - element.bits());
        yield Tensor.ofIntegers(element, dims, integers(size, -max - 1, max));
      }
      case UINT8, UINT16, UINT32 ->
          Tensor.ofIntegers(element, dims, integers(size, 0, -1L >>> (64 - element.bits())));
      default -> {
        if (!isFloat8(element)) {
          throw in.error(start, "elements of type " + TypeText.name(element) + " have no notation");
        }
        yield new Tensor(
            element,
            dims,
            Tensor.ofIntegers(ElementType.UINT8, dims, integers(size, 0, 255)).data());
      }
    };
  }

  private static boolean isFloat8(ElementType element) {
    return element.bits() == 8 && element.name().startsWith("FLOAT8");
  }

  /** Reads {@code size} elements in braces; {@code element} reads one and puts it at an index. */
  private void braced(int size, IntConsumer element) {
    Token start = in.peek();
    int[] count = {0};
    in.list(
        "{",
        "}",
        () -> {
          if (count[0] == size) {
            throw in.error(in.peek(), "more elements than the type has, which is " + size);
          }
          element.accept(count[0]++);
        });
    if (count[0] < size) {
      throw in.error(start, count[0] + " elements where the type has " + size);
    }
  }

  private float[] floats(int size) {
    float[] values = new float[size];
    braced(size, i -> values[i] = in.float32());
    return values;
  }

  private float[] halves(int size) {
    float[] values = new float[size];
    braced(
        size,
        i -> {
          if (!in.atDecimal()) {
            throw in.expected("a number with a point, as the first element is");
          }
          values[i] = in.float32();
        });
    return values;
  }

  private ByteBuffer doubles(int size) {
    ByteBuffer values =
        ByteBuffer.allocate(Math.multiplyExact(8, size)).order(ByteOrder.LITTLE_ENDIAN);
    braced(size, i -> values.putDouble(8 * i, in.float64()));
    return values;
  }

  private long[] integers(int size, long min, long max) {
    long[] values = new long[size];
    braced(
        size,
        i -> {
          Token token = in.peek();
          values[i] = in.integer("a whole number");
          if (values[i] < min || values[i] > max) {
            throw in.error(token, token + " is not between " + min + " and " + max);
          }
        });
    return values;
  }

  private long[] unsigned(int size) {
    long[] values = new long[size];
    braced(
        size,
        i -> {
          Token token = in.next();
          try {
            values[i] = Long.parseUnsignedLong(token.text());
          } catch (NumberFormatException e) {
            throw in.error(token, "expected a number from 0 to 2^64 - 1, found " + token);
          }
        });
    return values;
  }

  /** Two elements a byte, the first in the low bits. */
  private static ByteBuffer nibbles(long[] values) {
    ByteBuffer packed = ByteBuffer.allocate((values.length + 1) / 2);
    for (int i = 0; i < values.length; i++) {
      int shifted = (int) (values[i] & 0xF) << (i % 2 * 4);
      packed.put(i / 2, (byte) (packed.get(i / 2) | shifted));
    }
    return packed;
  }
}
