package io.gohsp.branch;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Constants that a file states, in few bits too. */
final class Stated {
  private Stated() {}

  /** The contents, or null if the value is computed of more than constants. */
  static @Nullable Tensor of(Value value) {
    Node producer = value.producer().orElse(null);
    return producer != null && producer.is("DequantizeLinear")
        ? dequantized(producer)
        : ConstantValue.of(value);
  }

  /** In single precision, as runtimes do; null unless all elements have a scale or each its own. */
  private static @Nullable Tensor dequantized(Node node) {
    Tensor stored = ConstantValue.of(node.input(0));
    Tensor scale = ConstantValue.of(node.input(1));
    Value zeroPoint = node.optionalInput(2);
    Tensor zero = zeroPoint == null ? Tensor.ofLong(0) : ConstantValue.of(zeroPoint);
    if (stored == null || scale == null || zero == null) {
      return null;
    }
    boolean one = scale.size() == 1 && zero.size() == 1;
    if (!one && (stored.rank() != 1 || scale.size() != stored.size())) {
      return null;
    }
    double[] numbers = stored.doubles();
    double[] scales = scale.doubles();
    double[] zeros = zero.doubles();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          (float) (numbers[i] - zeros[i % zeros.length]) * (float) scales[i % scales.length];
    }
    return Tensor.ofDoubles(scale.type(), stored.dims(), numbers);
  }
}
