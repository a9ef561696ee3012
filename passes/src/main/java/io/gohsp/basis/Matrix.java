package io.gohsp.basis;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A small square matrix of doubles, row by row: a basis of the columns of one head. Immutable. */
public final class Matrix {
  private final int size;
  private final double[] elements;

  private Matrix(int size, double[] elements) {
    this.size = size;
    this.elements = elements;
  }

  /**
   * A matrix of {@code size · size} elements, row by row.
   *
   * @throws IllegalArgumentException if they are not as many
   */
  public static Matrix of(int size, double... elements) {
    if (elements.length != size * size) {
      throw new IllegalArgumentException(elements.length + " elements, not " + size + " squared");
    }
    return new Matrix(size, elements.clone());
  }

  public static Matrix identity(int size) {
    double[] elements = new double[size * size];
    for (int i = 0; i < size; i++) {
      elements[i * size + i] = 1;
    }
    return new Matrix(size, elements);
  }

  /** Rows, and columns. */
  public int size() {
    return size;
  }

  public double get(int row, int column) {
    return elements[row * size + column];
  }

  /** The elements, row by row. */
  public double[] elements() {
    return elements.clone();
  }

  /**
   * The transpose of the inverse, by elimination with partial pivoting; null if there is no inverse
   * to speak of (a pivot below 1e-12 of the largest element).
   */
  public @Nullable Matrix inverseTransposed() {
    double[] left = elements.clone();
    double[] right = identity(size).elements;
    double largest = Arrays.stream(left).map(Math::abs).max().orElse(0);
    for (int column = 0; column < size; column++) {
      int pivot = column;
      for (int row = column + 1; row < size; row++) {
        boolean larger =
            Math.abs(left[row * size + column]) > Math.abs(left[pivot * size + column]);
        pivot = larger ? row : pivot;
      }
      double value = left[pivot * size + column];
      if (!(Math.abs(value) > 1e-12 * largest)) { // NaN has no inverse either
        return null;
      }
      swapRows(left, pivot, column);
      swapRows(right, pivot, column);
      for (int k = 0; k < size; k++) {
        left[column * size + k] /= value;
        right[column * size + k] /= value;
      }
      for (int row = 0; row < size; row++) {
        double factor = row == column ? 0 : left[row * size + column];
        for (int k = 0; factor != 0 && k < size; k++) {
          left[row * size + k] -= factor * left[column * size + k];
          right[row * size + k] -= factor * right[column * size + k];
        }
      }
    }
    return new Matrix(size, right).transposed();
  }

  private void swapRows(double[] matrix, int a, int b) {
    for (int k = 0; a != b && k < size; k++) {
      double kept = matrix[a * size + k];
      matrix[a * size + k] = matrix[b * size + k];
      matrix[b * size + k] = kept;
    }
  }

  public Matrix transposed() {
    double[] turned = new double[elements.length];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        turned[column * size + row] = elements[row * size + column];
      }
    }
    return new Matrix(size, turned);
  }

  /**
   * The nearest matrix of half precision. A basis need not be exact, for its inverse is computed
   * from what is kept of it: rounded, it takes a quarter of the space in plans.
   */
  public Matrix rounded() {
    return new Matrix(size, HalfText.rounded(elements));
  }

  /** The elements in half precision, little-endian, row by row, in Base64. */
  public String text() {
    return HalfText.of(elements);
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException if it is not Base64 of as many finite elements
   */
  public static Matrix parse(int size, String text) {
    return new Matrix(size, HalfText.parse(size * size, text));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Matrix matrix && Arrays.equals(elements, matrix.elements);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(elements);
  }

  @Override
  public String toString() {
    return size + "x" + size + " matrix";
  }
}
