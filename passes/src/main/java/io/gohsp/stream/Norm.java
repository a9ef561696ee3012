package io.gohsp.stream;

import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A norm over the channels of a stream: one operator, or several that make one up. */
sealed interface Norm permits FusedNorm, WrittenNorm {
  /** The operator, or the first of them. */
  Node node();

  /** Whether it takes the mean off. */
  boolean centred();

  /** Where the stream is read. */
  List<Use> reads();

  /** What is returned. */
  Value result();

  /** What channels are multiplied by at last; null if by nothing. */
  @Nullable Value scale();

  /** What is added to channels at last; null if nothing. */
  @Nullable Value shift();

  /** What is added to the mean square. */
  double epsilon();

  void setEpsilon(double epsilon);

  /** What it returns before it scales and shifts channels, computed in the main graph. */
  Value plain(int channels);

  /** What channels are multiplied by. */
  default double[] scales(int channels) {
    return numbers(scale(), channels, 1);
  }

  /** What is added to channels. */
  default double[] shifts(int channels) {
    return numbers(shift(), channels, 0);
  }

  private static double[] numbers(@Nullable Value operand, int channels, double otherwise) {
    double[] numbers = new double[channels];
    Arrays.fill(numbers, otherwise);
    Tensor tensor = operand == null ? null : Objects.requireNonNull(ConstantValue.of(operand));
    double[] stored = tensor == null ? numbers : tensor.doubles();
    if (stored.length == 1) {
      Arrays.fill(numbers, stored[0]);
      return numbers;
    }
    return stored;
  }
}
