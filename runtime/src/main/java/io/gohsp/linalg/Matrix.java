package io.gohsp.linalg;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.nio.DoubleBuffer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** A dense matrix of doubles, row by row in one array, which it shares with its maker. */
public final class Matrix {
  /** Rows and columns of the tiles in which triangles are mirrored: two of them fit the caches. */
  private static final int TILE = 32;

  private final int rows;
  private final int columns;
  private final double[] values;

  private Matrix(int rows, int columns, double[] values) {
    if (values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(values.length + " numbers for " + rows + " x " + columns);
    }
    this.rows = rows;
    this.columns = columns;
    this.values = values;
  }

  /**
   * @param values row by row, not copied
   * @throws IllegalArgumentException if there are not rows times columns of them
   */
  public static Matrix of(int rows, int columns, double[] values) {
    return new Matrix(rows, columns, values);
  }

  public static Matrix zeros(int rows, int columns) {
    return new Matrix(rows, columns, new double[Math.multiplyExact(rows, columns)]);
  }

  public static Matrix identity(int n) {
    return zeros(n, n).plusDiagonal(1);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** The numbers themselves, row by row. */
  public double[] values() {
    return values;
  }

  public double at(int row, int column) {
    return values[row * columns + column];
  }

  public Matrix copy() {
    return new Matrix(rows, columns, values.clone());
  }

  /** Adds to the diagonal, in place. */
  public Matrix plusDiagonal(double number) {
    for (int i = 0; i < Math.min(rows, columns); i++) {
      values[i * columns + i] += number;
    }
    return this;
  }

  public Matrix transposed() {
    Matrix turned = zeros(columns, rows);
    for (int top = 0; top < rows; top += TILE) {
      for (int left = 0; left < columns; left += TILE) {
        for (int i = top; i < Math.min(rows, top + TILE); i++) {
          for (int j = left; j < Math.min(columns, left + TILE); j++) {
            turned.values[j * rows + i] = values[i * columns + j];
          }
        }
      }
    }
    return turned;
  }

  /** Some rows and columns, in the order given. */
  public Matrix part(int[] someRows, int[] someColumns) {
    Matrix part = zeros(someRows.length, someColumns.length);
    for (int i = 0; i < someRows.length; i++) {
      for (int j = 0; j < someColumns.length; j++) {
        part.values[i * someColumns.length + j] = values[someRows[i] * columns + someColumns[j]];
      }
    }
    return part;
  }

  /** AB. */
  public Matrix times(Matrix right) {
    return product(false, right, false);
  }

  /** AᵀB. */
  public Matrix transposedTimes(Matrix right) {
    return product(true, right, false);
  }

  /** ABᵀ. */
  public Matrix timesTransposed(Matrix right) {
    return product(false, right, true);
  }

  private Matrix product(boolean turn, Matrix right, boolean turnRight) {
    int m = turn ? columns : rows;
    int inner = turn ? rows : columns;
    int n = turnRight ? right.rows : right.columns;
    if (inner != (turnRight ? right.columns : right.rows)) {
      throw new IllegalArgumentException("a product of " + this + " and " + right);
    }
    Matrix result = zeros(m, n);
    if (inner > 0 && m > 0 && n > 0) {
      OpenBlas.run(
          (double) m * inner * n,
          memory -> {
            DoubleBuffer products = memory.doubles(result.values.length);
            openblas_nolapack.cblas_dgemm(
                CblasRowMajor,
                turn ? CblasTrans : CblasNoTrans,
                turnRight ? CblasTrans : CblasNoTrans,
                m,
                n,
                inner,
                1,
                memory.copyOf(values),
                columns,
                memory.copyOf(right.values),
                right.columns,
                0,
                products,
                n);
            products.get(0, result.values);
          });
    }
    return result;
  }

  /** AᵀA, equal to its transpose to the bit. */
  public Matrix gram() {
    return zeros(columns, columns).plusGram(1, this);
  }

  /** Adds {@code factor} times AᵀA of another matrix to this symmetric one, in place. */
  public Matrix plusGram(double factor, Matrix a) {
    if (a.columns != columns || rows != columns) {
      throw new IllegalArgumentException("the products of " + a + " to be added to " + this);
    }
    if (a.rows > 0 && columns > 0) {
      OpenBlas.run(
          (double) columns * columns * a.rows / 2,
          memory -> {
            DoubleBuffer sums = memory.copyOf(values);
            openblas_nolapack.cblas_dsyrk(
                CblasRowMajor,
                CblasLower,
                CblasTrans,
                columns,
                a.rows,
                factor,
                memory.copyOf(a.values),
                columns,
                1,
                sums,
                columns);
            sums.get(0, values);
          });
    }
    return mirrorLower();
  }

  /** Adds {@code factor} times (AᵀB + BᵀA) to this symmetric matrix, in place. */
  public Matrix plusMixedGram(double factor, Matrix a, Matrix b) {
    if (a.columns != columns || b.columns != columns || rows != columns || a.rows != b.rows) {
      throw new IllegalArgumentException("products of " + a + " and " + b + " with " + this);
    }
    if (a.rows > 0 && columns > 0) {
      OpenBlas.run(
          (double) columns * columns * a.rows,
          memory -> {
            DoubleBuffer sums = memory.copyOf(values);
            openblas_nolapack.cblas_dsyr2k(
                CblasRowMajor,
                CblasLower,
                CblasTrans,
                columns,
                a.rows,
                factor,
                memory.copyOf(a.values),
                columns,
                memory.copyOf(b.values),
                columns,
                1,
                sums,
                columns);
            sums.get(0, values);
          });
    }
    return mirrorLower();
  }

  /** Makes the upper triangle the mirror image of the lower one. */
  Matrix mirrorLower() {
    for (int top = 0; top < rows; top += TILE) {
      for (int left = 0; left <= top; left += TILE) {
        for (int i = top; i < Math.min(rows, top + TILE); i++) {
          for (int j = left; j < Math.min(i, left + TILE); j++) {
            values[j * columns + i] = values[i * columns + j];
          }
        }
      }
    }
    return this;
  }

  @Override
  public String toString() {
    return "a matrix of " + rows + " x " + columns;
  }
}
