package io.gohsp.linalg;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * {@code XᵀX} of a matrix X whose rows come little by little. In double precision, in the order of
 * the rows, however they come; memory is that of the result.
 */
public final class RowProducts {
  /** Rows that are multiplied at once. */
  private static final int BLOCK = 256;

  private final int[] widths;
  private final int width;
  private final DoubleBuffer products;
  private final DoubleBuffer block;
  private final double[] row;
  private int waiting;

  /**
   * @param widths of the parts that a row comes in
   */
  public RowProducts(int... widths) {
    this.widths = widths.clone();
    this.width = Arrays.stream(widths).sum();
    this.products = memory(width);
    this.block = memory(BLOCK);
    this.row = new double[width];
  }

  /** Memory of its own, so that OpenBLAS need not copy it. */
  private DoubleBuffer memory(int rows) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(rows * Double.BYTES, width))
        .order(ByteOrder.nativeOrder())
        .asDoubleBuffer();
  }

  /**
   * Adds rows.
   *
   * @param parts one for each width, row by row, of as many rows
   */
  public void add(float[]... parts) {
    int rows = parts[0].length / widths[0];
    for (int i = 0; i < rows; i++) {
      int to = 0;
      boolean nothing = true; // as padding is
      for (int part = 0; part < widths.length; part++) {
        int from = i * widths[part];
        for (int k = from; k < from + widths[part]; k++) {
          double number = parts[part][k];
          nothing &= number == 0;
          row[to++] = number;
        }
      }
      if (nothing) {
        continue;
      }
      block.put(waiting * width, row);
      if (++waiting == BLOCK) {
        multiply();
      }
    }
  }

  private void multiply() {
    if (waiting > 0) {
      OpenBlas.run(
          (double) width * width * waiting / 2,
          () ->
              openblas_nolapack.cblas_dsyrk(
                  CblasRowMajor,
                  CblasLower,
                  CblasTrans,
                  width,
                  waiting,
                  1,
                  block,
                  width,
                  1,
                  products,
                  width));
      waiting = 0;
    }
  }

  /** Of two columns of X the product. */
  public double at(int i, int j) {
    multiply();
    return products.get(Math.max(i, j) * width + Math.min(i, j));
  }
}
