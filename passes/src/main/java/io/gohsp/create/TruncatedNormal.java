package io.gohsp.create;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Weights drawn from a normal distribution of mean 0 and deviation 0.02, each redrawn while it is
 * outside ±2: what timm and DeiT start from. (At that width the bounds are a formality.)
 *
 * <p>The sequence is a function of the seed alone, on every machine and Java version: the
 * generator's algorithm is specified, and the polar method needs only operations whose results are.
 */
final class TruncatedNormal {
  private static final double DEVIATION = 0.02;
  private static final double BOUND = 2;
  private static final double UNIT = 0x1.0p-52;

  private final SplittableRandom random;
  private double spare = Double.NaN;

  TruncatedNormal(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A FLOAT tensor of fresh draws. */
  Tensor tensor(long... dims) {
    int size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, Math.toIntExact(dim));
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(size, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      bytes.putFloat((float) draw());
    }
    return new Tensor(ElementType.FLOAT, dims, new TensorData.Heap(bytes.flip()));
  }

  private double draw() {
    double value;
    do {
      value = DEVIATION * standardNormal();
    } while (Math.abs(value) > BOUND);
    return value;
  }

  /** Marsaglia's polar method, which yields two at a time. */
  private double standardNormal() {
    if (!Double.isNaN(spare)) {
      double second = spare;
      spare = Double.NaN;
      return second;
    }
    double u;
    double v;
    double square;
    do {
      u = (random.nextLong() >> 11) * UNIT; // uniform in [-1, 1)
      v = (random.nextLong() >> 11) * UNIT;
      square = u * u + v * v;
    } while (square >= 1 || square == 0);
    double scale = Math.sqrt(-2 * StrictMath.log(square) / square);
    spare = v * scale;
    return u * scale;
  }
}
