package io.gohsp.basis;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The scale and shift of the norm that made an activation: what is known without data about how
 * large its channels are. The norm is taken to pass on white noise.
 *
 * @param scale for each channel
 * @param shift likewise
 */
@SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
record NormBehind(double[] scale, double[] shift) implements InputVariation {
  private static final Set<String> TRANSPARENT =
      Set.of("Identity", "Cast", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze");

  private static final Set<String> NORMS =
      Set.of(
          "LayerNormalization",
          "RMSNormalization",
          "SimplifiedLayerNormalization",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization");

  /**
   * What made {@code activation}: a norm of so many channels, or the multiplication and addition
   * that end one written out; null if it is anything else.
   */
  static @Nullable NormBehind of(Value activation, int channels) {
    Node producer = producer(activation);
    double[] shift = null;
    if (producer != null && producer.is("Add")) {
      shift = vector(producer, channels);
      Value rest = shift == null ? null : other(producer);
      producer = rest == null ? null : producer(rest);
    }
    if (producer == null) {
      return null;
    }
    if (producer.is("Mul")) {
      double[] scale = vector(producer, channels);
      return scale == null ? null : new NormBehind(scale, orZeroes(shift, channels));
    }
    if (shift != null || !NORMS.contains(producer.op().type())) {
      return null;
    }
    int first = producer.op().type().startsWith("Skip") ? 2 : 1;
    double[] scale = vector(producer.optionalInput(first), channels);
    double[] own = vector(producer.optionalInput(first + 1), channels);
    return scale == null ? null : new NormBehind(scale, orZeroes(own, channels));
  }

  /** Channels that are all alike, about zero. */
  static NormBehind ofNothing(int channels) {
    double[] ones = new double[channels];
    Arrays.fill(ones, 1);
    return new NormBehind(ones, new double[channels]);
  }

  @Override
  public double[] mean() {
    return shift.clone();
  }

  @Override
  public Matrix through(double[] weights, int size) {
    double[] sum = new double[size * size];
    for (int channel = 0; channel < scale.length; channel++) {
      double square = scale[channel] * scale[channel];
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          sum[i * size + j] += square * weights[channel * size + i] * weights[channel * size + j];
        }
      }
    }
    return Matrix.of(size, sum);
  }

  private static @Nullable Node producer(Value value) {
    Node node = value.producer().orElse(null);
    while (node != null && TRANSPARENT.contains(node.op().type())) {
      node = node.input(0).producer().orElse(null);
    }
    return node;
  }

  private static double[] orZeroes(double @Nullable [] shift, int channels) {
    return shift == null ? new double[channels] : shift;
  }

  /** The constant operand of a sum or product. */
  private static double @Nullable [] vector(Node node, int channels) {
    double[] second = vector(node.optionalInput(1), channels);
    return second == null ? vector(node.optionalInput(0), channels) : second;
  }

  private static double @Nullable [] vector(@Nullable Value value, int channels) {
    Tensor tensor = value == null ? null : ConstantValue.of(value);
    return tensor != null && tensor.type().isFloating() && tensor.size() == channels
        ? Objects.requireNonNull(tensor).doubles()
        : null;
  }

  private static @Nullable Value other(Node node) {
    return node.presentInputs()
        .filter(input -> ConstantValue.of(input) == null)
        .findFirst()
        .orElse(null);
  }
}
