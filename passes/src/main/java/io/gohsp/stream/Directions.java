package io.gohsp.stream;

import io.gohsp.basis.HalfText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Directions of a residual stream that stay, each a vector of as many numbers as the stream has
 * channels. Only what they span counts, so rounding them costs a hair of the choice and nothing of
 * exactness. Immutable.
 */
public final class Directions {
  /** What is left of a vector that the others before it span, to all intents. */
  private static final double NOTHING = 1e-6;

  private final int channels;
  private final double[][] vectors;

  private Directions(int channels, double[][] vectors) {
    this.channels = channels;
    this.vectors = vectors;
  }

  /**
   * Some directions, rounded to half precision as plans hold them.
   *
   * @throws IllegalArgumentException if they are not all as long as there are channels, or none
   */
  public static Directions of(int channels, List<double[]> vectors) {
    if (vectors.isEmpty() || vectors.stream().anyMatch(vector -> vector.length != channels)) {
      throw new IllegalArgumentException("not one or more vectors of " + channels + " numbers");
    }
    return new Directions(
        channels, vectors.stream().map(HalfText::rounded).toArray(double[][]::new));
  }

  /**
   * Reads what {@link #texts} wrote.
   *
   * @throws IllegalArgumentException if a text is not as many finite numbers
   */
  public static Directions parse(int channels, List<String> texts) {
    return of(channels, texts.stream().map(text -> HalfText.parse(channels, text)).toList());
  }

  /** One text for each. */
  public List<String> texts() {
    return Arrays.stream(vectors).map(HalfText::of).toList();
  }

  /** Channels of the stream. */
  public int channels() {
    return channels;
  }

  /** How many there are. */
  public int count() {
    return vectors.length;
  }

  /** The first of them. */
  public Directions first(int some) {
    return new Directions(channels, Arrays.copyOf(vectors, some));
  }

  /**
   * An orthonormal basis of what they span.
   *
   * @param centred whether all of it is to have the mean zero, as norms that take the mean off make
   *     of it anyway
   * @return as many vectors; null if they are not independent
   */
  double @Nullable [][] orthonormal(boolean centred) {
    List<double[]> basis = new ArrayList<>();
    for (double[] vector : vectors) {
      double[] rest = vector.clone();
      double length = length(rest);
      for (int time = 0; time < 2; time++) { // the second time takes what rounding left
        if (centred) {
          double mean = Arrays.stream(rest).average().orElse(0);
          Arrays.setAll(rest, i -> rest[i] - mean);
        }
        basis.forEach(other -> subtract(rest, other, dot(rest, other)));
      }
      double left = length(rest);
      if (!(left > NOTHING * length)) {
        return null;
      }
      Arrays.setAll(rest, i -> rest[i] / left);
      basis.add(rest);
    }
    return basis.toArray(double[][]::new);
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Directions d
        && channels == d.channels
        && Arrays.deepEquals(vectors, d.vectors);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(vectors);
  }

  @Override
  public String toString() {
    return count() + " directions of " + channels + " channels";
  }
}
