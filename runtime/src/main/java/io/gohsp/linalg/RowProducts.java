package io.gohsp.linalg;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * {@code XᵀX} of a matrix X whose rows come little by little, in the order of the rows, however
 * they come. Of some rows at a time products are added up as they come, in single precision, and
 * these sums in double precision: what is lost is one part in some millions of {@code Σ |x_i x_j|}
 * for few rows and less for many, far below what samples differ by, in half the time. Memory is
 * that of one triangle of the result.
 */
public final class RowProducts {
  /** Rows that are multiplied at once. */
  private static final int BLOCK = 512;

  private final int[] widths;
  private final int width;

  /** The lower triangle, row by row. */
  private final DoubleBuffer products;

  private final FloatBuffer block;
  private int waiting;

  /**
   * @param widths of the parts that a row comes in
   */
  public RowProducts(int... widths) {
    this.widths = widths.clone();
    this.width = Arrays.stream(widths).sum();
    this.products = memory((long) Double.BYTES * start(width)).asDoubleBuffer();
    this.block = memory((long) Float.BYTES * BLOCK * width).asFloatBuffer();
  }

  private static ByteBuffer memory(long bytes) {
    return NativeMemory.allocate(Math.toIntExact(bytes));
  }

  /** Where a row of the triangle begins. */
  private static int start(int i) {
    return Math.toIntExact((long) i * (i + 1) / 2);
  }

  /**
   * Adds rows.
   *
   * @param parts one for each width, row by row, of as many rows
   */
  public void add(float[]... parts) {
    int rows = parts[0].length / widths[0];
    for (int i = 0; i < rows; i++) {
      if (isNothing(i, parts)) { // as padding is
        continue;
      }
      int to = waiting * width;
      for (int part = 0; part < widths.length; part++) {
        block.put(to, parts[part], i * widths[part], widths[part]);
        to += widths[part];
      }
      if (++waiting == BLOCK) {
        multiply();
      }
    }
  }

  private boolean isNothing(int row, float[][] parts) {
    for (int part = 0; part < widths.length; part++) {
      int from = row * widths[part];
      for (int k = from; k < from + widths[part]; k++) {
        if (parts[part][k] != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private void multiply() {
    if (waiting > 0) {
      OpenBlas.run((double) width * width * waiting / 2, this::multiplied);
      waiting = 0;
    }
  }

  private void multiplied(NativeMemory memory) {
    FloatBuffer some = memory.floats(width * width); // what the block comes to
    openblas_nolapack.cblas_ssyrk(
        CblasRowMajor, CblasLower, CblasTrans, width, waiting, 1, block, width, 0, some, width);
    float[] more = new float[width];
    double[] sums = new double[width];
    for (int i = 0; i < width; i++) {
      some.get(i * width, more, 0, i + 1);
      products.get(start(i), sums, 0, i + 1);
      for (int j = 0; j <= i; j++) {
        sums[j] += more[j];
      }
      products.put(start(i), sums, 0, i + 1);
    }
  }

  /** Of two columns of X the product. */
  public double at(int i, int j) {
    multiply();
    return products.get(start(Math.max(i, j)) + Math.min(i, j));
  }

  /** Of a column of X the products with those up to it. */
  public double[] row(int i) {
    multiply();
    double[] row = new double[i + 1];
    products.get(start(i), row);
    return row;
  }

  /** Columns of X. */
  public int width() {
    return width;
  }

  /** All products, row by row up to the diagonal. */
  public double[] lower() {
    multiply();
    double[] lower = new double[start(width)];
    products.get(0, lower);
    return lower;
  }

  /** Adds products of other rows, as {@link #lower} has them. */
  public void add(double[] lower) {
    multiply();
    for (int i = 0; i < lower.length; i++) {
      products.put(i, products.get(i) + lower[i]);
    }
  }
}
