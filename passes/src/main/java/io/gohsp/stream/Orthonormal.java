package io.gohsp.stream;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An orthonormal basis of some vectors, by Gram and Schmidt: one vector after the other, so that
 * the basis of the first of them is a part of it. Each is computed once, when it is first asked
 * for.
 */
final class Orthonormal {
  /** What is left of a vector that the others before it span, to all intents. */
  private static final double NOTHING = 1e-6;

  private final double[][] vectors;
  private final boolean centred;
  private final List<double[]> basis = new ArrayList<>();

  /**
   * @param centred whether all of it is to have the mean zero
   */
  Orthonormal(double[][] vectors, boolean centred) {
    this.vectors = vectors;
    this.centred = centred;
  }

  /**
   * Of the first of the vectors.
   *
   * @return as many, not to be changed; null if they are not independent
   */
  synchronized double @Nullable [][] first(int some) {
    while (basis.size() < some) {
      double[] next = next();
      if (next == null) {
        return null;
      }
      basis.add(next);
    }
    return basis.subList(0, some).toArray(double[][]::new);
  }

  private double @Nullable [] next() {
    double[] vector = vectors[basis.size()];
    double[] rest = vector.clone();
    for (int time = 0; time < 2; time++) { // the second time takes what rounding left
      if (centred) {
        double mean = Arrays.stream(rest).average().orElse(0);
        Arrays.setAll(rest, i -> rest[i] - mean);
      }
      basis.forEach(other -> subtract(rest, other, dot(rest, other)));
    }
    double left = length(rest);
    if (!(left > NOTHING * length(vector))) {
      return null;
    }
    Arrays.setAll(rest, i -> rest[i] / left);
    return rest;
  }

  private static double length(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void subtract(double[] from, double[] vector, double times) {
    for (int i = 0; i < from.length; i++) {
      from[i] -= times * vector[i];
    }
  }
}
