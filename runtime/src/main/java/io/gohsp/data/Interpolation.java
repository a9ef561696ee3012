package io.gohsp.data;

/**
 * How resizing weighs pixels, by the distance {@code t} from the point sought: in pixels of the
 * source when enlarging, of the target when reducing (so reducing averages and does not alias).
 */
public enum Interpolation {
  /** The pixel the point falls into. */
  NEAREST(0) {
    @Override
    double weight(double t) {
      throw new IllegalStateException("the nearest pixel is chosen, not weighed");
    }
  },
  /** {@code 1 - |t|} within 1. */
  BILINEAR(1) {
    @Override
    double weight(double t) {
      return Math.max(0, 1 - Math.abs(t));
    }
  },
  /** Keys' cubic convolution with a = -1/2, within 2. */
  BICUBIC(2) {
    @Override
    double weight(double t) {
      double a = -0.5;
      double x = Math.abs(t);
      return x < 1
          ? ((a + 2) * x - (a + 3)) * x * x + 1
          : x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
  },
  /** {@code sinc(t) sinc(t/3)} within 3. */
  LANCZOS(3) {
    @Override
    double weight(double t) {
      return Math.abs(t) < 3 ? sinc(t) * sinc(t / 3) : 0;
    }
  };

  private final double support;

  Interpolation(double support) {
    this.support = support;
  }

  /** Weights are 0 from this distance on. */
  double support() {
    return support;
  }

  abstract double weight(double t);

  private static double sinc(double t) {
    return t == 0 ? 1 : StrictMath.sin(Math.PI * t) / (Math.PI * t);
  }
}
