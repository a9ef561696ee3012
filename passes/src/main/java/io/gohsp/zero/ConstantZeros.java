package io.gohsp.zero;

import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for zeroes in constants, element by element. Both zeroes of a floating type count; no other
 * value does.
 */
final class ConstantZeros {
  /** The most bytes of a tensor that are looked at; larger ones count as nowhere zero. */
  private static final long MOST_BYTES = 1L << 30;

  private ConstantZeros() {}

  /**
   * The contents of a value that the file states, seen through Identity; null if it is computed.
   */
  static @Nullable Tensor contents(Value value) {
    Value source = value;
    while (source.constant() == null
        && source.producer().filter(node -> node.is("Identity")).isPresent()) {
      source = source.producer().orElseThrow().input(0);
    }
    return ConstantValue.of(source);
  }

  /**
   * The zero points that an operand holds; null if they are computed or of a type that is not
   * understood.
   *
   * @param operand null: zero
   */
  static long @Nullable [] zeroPoints(@Nullable Value operand) {
    if (operand == null) {
      return new long[1];
    }
    Tensor tensor = contents(operand);
    if (tensor == null || tensor.size() == 0 || tensor.size() > Integer.MAX_VALUE) {
      return null;
    }
    return switch (tensor.type()) {
      case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, INT4, UINT4 -> tensor.longs();
      default -> isAllZero(tensor) ? new long[(int) tensor.size()] : null;
    };
  }

  private static boolean isAllZero(Tensor tensor) {
    ByteBuffer bytes = tensor.data().bytes();
    while (bytes.hasRemaining()) {
      if (bytes.get() != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Where a tensor is zero, which for whole numbers means: equal to the zero point.
   *
   * @param positions for each axis, what each of its positions counts as
   * @param dims how many positions there are to count as, for each axis
   * @param zeroPoints one, or one for each position of {@code axis}
   */
  static @Nullable ZeroMask of(
      Tensor tensor, List<int[]> positions, int[] dims, long[] zeroPoints, int axis) {
    if (tensor.size() == 0
        || tensor.size() > Integer.MAX_VALUE
        || tensor.data().byteSize() > MOST_BYTES) {
      return null;
    }
    int rank = tensor.rank();
    ByteBuffer bytes = tensor.data().bytes();
    boolean[] zero = new boolean[ZeroMask.volume(dims)];
    Arrays.fill(zero, true);
    int last = rank == 0 ? 1 : (int) tensor.dim(rank - 1);
    int[] inner = rank == 0 ? new int[1] : positions.get(rank - 1);
    int innerCount = rank == 0 ? 1 : dims[rank - 1];
    boolean alongLast = axis == rank - 1;
    int[] extents = new int[Math.max(0, rank - 1)];
    Arrays.setAll(extents, i -> (int) tensor.dim(i));
    int[] row = new int[extents.length];
    int rows = (int) (tensor.size() / last);
    int left = zero.length;
    for (int r = 0; r < rows && left > 0; r++) {
      int base = 0;
      for (int i = 0; i < row.length; i++) {
        base = base * dims[i] + positions.get(i)[row[i]];
      }
      base *= innerCount;
      long ofRow = zeroPoints.length == 1 || alongLast ? zeroPoints[0] : zeroPoints[row[axis]];
      for (int j = 0; j < last && (innerCount > 1 || zero[base]); j++) {
        int at = base + inner[j];
        long zeroPoint = alongLast && zeroPoints.length > 1 ? zeroPoints[j] : ofRow;
        if (zero[at] && !isZero(tensor.type(), bytes, r * last + j, zeroPoint)) {
          zero[at] = false;
          left--;
        }
      }
      ZeroMask.advance(row, extents);
    }
    ZeroMask mask = new ZeroMask(dims.clone(), zero);
    return mask.isNowhere() ? null : mask;
  }

  /** Element {@code i} in raw layout; types below a byte are packed from the low bits. */
  static boolean isZero(ElementType type, ByteBuffer bytes, int i, long zeroPoint) {
    return switch (type) {
      case FLOAT -> bytes.getInt(4 * i) << 1 == 0;
      case DOUBLE -> bytes.getLong(8 * i) << 1 == 0;
      case FLOAT16, BFLOAT16 -> (bytes.getShort(2 * i) & 0x7fff) == 0;
      case FLOAT8E4M3FN, FLOAT8E5M2 -> (bytes.get(i) & 0x7f) == 0;
      case FLOAT8E4M3FNUZ, FLOAT8E5M2FNUZ -> bytes.get(i) == 0; // their other zero is NaN
      case INT64, UINT64 -> bytes.getLong(8 * i) == zeroPoint;
      case INT32, UINT32 -> bytes.getInt(4 * i) == (int) zeroPoint;
      case INT16, UINT16 -> bytes.getShort(2 * i) == (short) zeroPoint;
      case INT8, UINT8 -> bytes.get(i) == (byte) zeroPoint;
      case INT4, UINT4 -> ((bytes.get(i / 2) >> (i % 2 * 4) ^ zeroPoint) & 0xF) == 0;
      case INT2, UINT2 -> ((bytes.get(i / 4) >> (i % 4 * 2) ^ zeroPoint) & 0x3) == 0;
      default -> false;
    };
  }
}
