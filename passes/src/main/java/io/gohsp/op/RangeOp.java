package io.gohsp.op;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code Range}, whose bounds exporters write as constants, casts of constants and of extents.
 *
 * @param start the first number; null if it is not known, like the others
 */
public record RangeOp(
    Node node, @Nullable Double start, @Nullable Double limit, @Nullable Double delta) {
  private static final int MAX_CASTS = 8;

  public static RangeOp of(Node node, ConstantReader reader) {
    return new RangeOp(
        node,
        number(node.input(0), reader, MAX_CASTS),
        number(node.input(1), reader, MAX_CASTS),
        number(node.input(2), reader, MAX_CASTS));
  }

  /** How many numbers there are; null if that is not known. */
  public @Nullable Long count() {
    if (start == null || limit == null || delta == null) {
      return null;
    }
    double count = Math.ceil((limit - start) / delta);
    return count < 1L << 53 ? Long.valueOf(Math.max(0, (long) count)) : null;
  }

  /**
   * The first {@code count} numbers, of a type in which they can be written; null if they are not
   * known.
   */
  public @Nullable Tensor elements(int count, ElementType type) {
    if (start == null || delta == null) {
      return null;
    }
    if (type.isInteger()) {
      long[] numbers = new long[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = start.longValue() + i * delta.longValue();
      }
      return Tensor.ofIntegers(type, new long[] {count}, numbers);
    }
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (start + i * delta);
    }
    return Tensor.ofFloats(type, new long[] {count}, numbers);
  }

  /** A constant of one element, or a cast of one that a cast leaves as it is. */
  private static @Nullable Double number(Value value, ConstantReader reader, int casts) {
    long[] whole = reader.read(value);
    if (whole != null) {
      return whole.length == 1 ? Double.valueOf((double) whole[0]) : null;
    }
    Tensor constant = ConstantValue.of(value);
    if (constant != null) {
      return constant.type().isFloating() && constant.size() == 1
          ? Double.valueOf(constant.floats()[0])
          : null;
    }
    Node producer = value.producer().orElse(null);
    if (producer == null || casts == 0 || !(producer.is("Cast") || producer.is("CastLike"))) {
      return null;
    }
    Double number = number(producer.input(0), reader, casts - 1);
    return number != null && number == Math.rint(number) ? number : null;
  }
}
