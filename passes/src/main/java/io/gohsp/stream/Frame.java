package io.gohsp.stream;

import org.jspecify.annotations.Nullable;

/**
 * What a stream of some directions is written in: channels {@code x' = x T} with orthonormal
 * columns. A norm that takes the mean off needs one channel more than there are directions: then
 * columns are such that {@code x'} has the mean zero whatever {@code x}, so that taking it off does
 * nothing, and the norm of {@code x'} is that of what {@code x} has along the directions.
 */
@SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
record Frame(double[][] columns) {
  /**
   * The frame of some directions.
   *
   * @param centred whether the stream's norms take the mean off
   * @return null if the directions are not independent
   */
  static @Nullable Frame of(Directions directions, boolean centred) {
    double[][] basis = directions.orthonormal(centred);
    if (basis == null || !centred) {
      return basis == null ? null : new Frame(basis);
    }
    int width = width(directions.count(), true);
    double[][] columns = new double[width][directions.channels()];
    for (int k = 0; k < basis.length; k++) {
      // Helmert's contrasts: (1, .., 1, -(k+1), 0, ..), orthogonal to each other and to all ones
      double scale = 1 / Math.sqrt((k + 1.0) * (k + 2.0));
      for (int j = 0; j <= k + 1; j++) {
        double contrast = j <= k ? scale : -(k + 1) * scale;
        for (int i = 0; i < directions.channels(); i++) {
          columns[j][i] += contrast * basis[k][i];
        }
      }
    }
    return new Frame(columns);
  }

  /** How many channels it takes to hold so many directions. */
  static int width(int directions, boolean centred) {
    return directions + (centred ? 1 : 0);
  }

  /** Channels afterwards. */
  int width() {
    return columns.length;
  }

  /** Channels before. */
  int channels() {
    return columns[0].length;
  }

  /** {@code T}, row by row: what a stream is multiplied by to be written in the frame. */
  double[] matrix() {
    double[] matrix = new double[channels() * width()];
    for (int j = 0; j < width(); j++) {
      for (int i = 0; i < channels(); i++) {
        matrix[i * width() + j] = columns[j][i];
      }
    }
    return matrix;
  }

  /** {@code T Tᵀ}, row by row: what takes everything off a stream but its directions. */
  double[] projection() {
    int n = channels();
    double[] product = new double[n * n];
    for (double[] column : columns) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          product[i * n + j] += column[i] * column[j];
        }
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        product[j * n + i] = product[i * n + j];
      }
    }
    return product;
  }
}
