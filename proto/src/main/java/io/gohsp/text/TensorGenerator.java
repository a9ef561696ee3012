package io.gohsp.text;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Contents that the text only describes. */
final class TensorGenerator {
  private TensorGenerator() {}

  /**
   * Reads a generator's arguments, if it has any, and returns what yields one element after the
   * other.
   */
  static @Nullable DoubleSupplier parse(String name, TokenStream in) {
    return switch (name) {
      case "zeros" -> () -> 0;
      case "ones" -> () -> 1;
      case "range" -> range();
      case "random" -> {
        in.expect("(");
        Random random = new Random(in.integer("a seed"));
        in.expect(",");
        double deviation = in.float64();
        in.expect(")");
        yield () -> random.nextGaussian() * deviation;
      }
      default -> null;
    };
  }

  private static DoubleSupplier range() {
    double[] next = {0};
    return () -> next[0]++;
  }

  /** A tensor of {@code size} generated elements; whole-number types take what fits their bits. */
  static Tensor fill(ElementType type, long[] dims, int size, DoubleSupplier elements) {
    if (type.isFloating()) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) elements.getAsDouble();
      }
      return Tensor.ofFloats(type, dims, values);
    }
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] = (long) elements.getAsDouble();
    }
    return Tensor.ofIntegers(type, dims, values);
  }
}
