package io.gohsp.create;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * First weights, as timm and DeiT draw them: linear layers and position embeddings from a normal
 * distribution of mean 0 and deviation 0.02, each redrawn while it is outside ±2 (at that width the
 * bounds are a formality); the patch embedding from a uniform one, which is several times wider.
 *
 * <p>The sequence is a function of the seed alone, on every machine and Java version: the
 * generator's algorithm is specified, and the polar method needs only operations whose results are.
 */
final class InitialWeights {
  private static final double DEVIATION = 0.02;
  private static final double BOUND = 2;
  private static final double UNIT = 0x1.0p-52;

  private final SplittableRandom random;
  private double spare = Double.NaN;

  InitialWeights(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A FLOAT tensor of fresh normal draws. */
  Tensor normal(long... dims) {
    return tensor(this::normal, dims);
  }

  /** A FLOAT tensor of fresh draws between -bound and bound. */
  Tensor uniform(double bound, long... dims) {
    return tensor(() -> bound * (random.nextLong() >> 11) * UNIT, dims);
  }

  private static Tensor tensor(DoubleSupplier draw, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, Math.toIntExact(dim));
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(size, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      bytes.putFloat((float) draw.getAsDouble());
    }
    return new Tensor(ElementType.FLOAT, dims, new TensorData.Heap(bytes.flip()));
  }

  private double normal() {
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
