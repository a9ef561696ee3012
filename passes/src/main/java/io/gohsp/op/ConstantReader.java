package io.gohsp.op;

import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the contents of whole-number tensors such as shape operands. */
@FunctionalInterface
public interface ConstantReader {
  /**
   * Initializers and Constant nodes; the shape analysis offers a reader that also sees through
   * arithmetic.
   */
  ConstantReader OF_MODEL =
      value -> {
        Tensor constant = ConstantValue.of(value);
        return constant != null && constant.type().isInteger() ? constant.longs() : null;
      };

  /** The elements in row-major order, or null if they are not known. */
  long @Nullable [] read(Value value);

  /** The elements as a list, or null if they are not known or there is no such value. */
  default @Nullable List<Long> list(@Nullable Value value) {
    long[] elements = value == null ? null : read(value);
    return elements == null ? null : Arrays.stream(elements).boxed().toList();
  }
}
