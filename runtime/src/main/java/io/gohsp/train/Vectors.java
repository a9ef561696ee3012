package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import org.nd4j.linalg.factory.Nd4j;

/** What BLAS does with whole vectors, without temporary ones. */
public final class Vectors {
  private Vectors() {}

  /** {@code target += factor * other}. */
  public static void add(FlatVector target, double factor, FlatVector other) {
    Nd4j.getBlasWrapper().axpy((Number) factor, other.array(), target.array());
  }

  /** The Euclidean norm. */
  static double norm(FlatVector vector) {
    return Math.sqrt(Nd4j.getBlasWrapper().dot(vector.array(), vector.array()));
  }

  /** {@code target = other}. */
  static void copy(FlatVector target, FlatVector other) {
    target.floats().put(other.floats());
  }
}
