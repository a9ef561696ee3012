package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MatMulNBits: weights [N, blocks of K, packed bytes] with a zero point for each block. */
final class BlockwiseZeros {
  private BlockwiseZeros() {}

  static void register(ZeroRules rules) {
    rules.addMicrosoft(BlockwiseZeros::matMulNBits, "MatMulNBits");
  }

  private static void matMulNBits(Node node, Zeros zeros) {
    boolean[] columns = zeroColumns(node);
    Value out = node.output();
    List<AxisLayout> axes = zeros.axes(out);
    if (columns == null || axes == null) {
      return;
    }
    int[] position = zeros.resolution().positions(axes.get(axes.size() - 1));
    int[] dims = zeros.dims(out);
    boolean[] zero = new boolean[dims[dims.length - 1]];
    Arrays.fill(zero, true);
    for (int n = 0; n < columns.length; n++) {
      zero[position[n]] &= columns[n];
    }
    ZeroMask mask = new ZeroMask(new int[] {zero.length}, zero).spread(dims);
    zeros.set(out, ContractionZeros.plus(mask, node.optionalInput(5), node, zeros));
  }

  /**
   * For each of N columns whether all its K weights are at their zero point; null if that cannot be
   * told.
   */
  private static boolean @Nullable [] zeroColumns(Node node) {
    int bits = Math.toIntExact(node.intAttribute("bits", 4));
    int k = Math.toIntExact(node.intAttribute("K", 0));
    int blockSize = Math.toIntExact(node.intAttribute("block_size", 32));
    Tensor weights = ConstantZeros.contents(node.input(1));
    ElementType type = bits == 4 ? ElementType.UINT4 : bits == 8 ? ElementType.UINT8 : null;
    if (weights == null
        || type == null
        || weights.rank() != 3
        || weights.type() != ElementType.UINT8) {
      return null;
    }
    int n = Math.toIntExact(weights.dim(0));
    int blocks = Math.toIntExact(weights.dim(1));
    int[] zeroPoints = zeroPoints(node, bits, n, blocks);
    if (zeroPoints == null
        || weights.dim(2) * 8 != (long) blockSize * bits
        || (long) blocks * blockSize < k) {
      return null;
    }
    ByteBuffer bytes = weights.data().bytes();
    boolean[] zero = new boolean[n];
    for (int column = 0; column < n; column++) {
      zero[column] = true;
      for (int i = 0; i < k && zero[column]; i++) {
        int block = column * blocks + i / blockSize;
        zero[column] =
            ConstantZeros.isZero(type, bytes, column * blocks * blockSize + i, zeroPoints[block]);
      }
    }
    return zero;
  }

  /**
   * One for each column and block; each column's are packed and start at a byte. Absent: the middle
   * of the range.
   */
  private static int @Nullable [] zeroPoints(Node node, int bits, int n, int blocks) {
    int[] all = new int[n * blocks];
    Value operand = node.optionalInput(3);
    if (operand == null) {
      Arrays.fill(all, 1 << (bits - 1));
      return all;
    }
    Tensor packed = ConstantZeros.contents(operand);
    int bytesPerColumn = (blocks * bits + 7) / 8;
    if (packed == null
        || packed.type() != ElementType.UINT8
        || packed.size() != (long) n * bytesPerColumn) {
      return null;
    }
    ByteBuffer bytes = packed.data().bytes();
    for (int i = 0; i < all.length; i++) {
      int bit = i % blocks * bits;
      all[i] = bytes.get(i / blocks * bytesPerColumn + bit / 8) >> bit % 8 & (1 << bits) - 1;
    }
    return all;
  }
}
