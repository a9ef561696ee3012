package io.gohsp.stream;

import io.gohsp.basis.HalfText;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Directions of a residual stream that stay, each a vector of as many numbers as the stream has
 * channels. Only what they span counts, so rounding them costs a hair of the choice and nothing of
 * exactness. Immutable.
 */
public final class Directions {
  private final int channels;
  private final double[][] vectors;

  /** Those with the mean zero, and those as they are; of the first of some the same. */
  private final Orthonormal centred;

  private final Orthonormal plain;

  private Directions(int channels, double[][] vectors, Orthonormal centred, Orthonormal plain) {
    this.channels = channels;
    this.vectors = vectors;
    this.centred = centred;
    this.plain = plain;
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
    double[][] rounded = vectors.stream().map(HalfText::rounded).toArray(double[][]::new);
    return new Directions(
        channels, rounded, new Orthonormal(rounded, true), new Orthonormal(rounded, false));
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
    return new Directions(channels, Arrays.copyOf(vectors, some), centred, plain);
  }

  /**
   * An orthonormal basis of what they span.
   *
   * @param centred whether all of it is to have the mean zero, as norms that take the mean off make
   *     of it anyway
   * @return as many vectors; null if they are not independent
   */
  double @Nullable [][] orthonormal(boolean centred) {
    return (centred ? this.centred : plain).first(vectors.length);
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
