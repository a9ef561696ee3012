package io.gohsp.data;

import io.gohsp.tensor.ElementType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An array in memory, in blocks of whole rows because one Java array ends at 2 GiB.
 *
 * @param dims of a row
 * @param rowsPerBlock rows in each block but the last
 */
record NpyArray(
    ElementType type, List<Integer> dims, int rows, int rowsPerBlock, List<byte[]> blocks) {
  private static final int BLOCK_BYTES = 32 << 20;

  /**
   * Reads an array and everything that belongs to it.
   *
   * @param allowed no more bytes than these are put into memory
   */
  static NpyArray read(String where, InputStream in, long allowed) throws IOException {
    NpyHeader header = NpyHeader.read(where, in);
    if (header.dims().isEmpty() || header.dims().get(0) == 0) {
      throw new DataException(
          where, "has shape " + header.dims() + ", expected one row a sample", "add a first axis");
    }
    List<Long> rowDims = header.dims().subList(1, header.dims().size());
    long rowElements = rowDims.stream().reduce(1L, (a, b) -> a * b); // checked by the header
    long rowBytes = header.type().bytes(rowElements);
    long rows = header.dims().get(0);
    if (rowBytes == 0 || rowBytes > Integer.MAX_VALUE - 8 || rows > Integer.MAX_VALUE) {
      throw new DataException(
          where, "has shape " + header.dims() + ": empty or too large", "give fewer, real samples");
    }
    if (rows * rowBytes > allowed) {
      throw new DataException(
          where,
          "%,d bytes do not fit into the memory this program may use for data (%,d bytes)"
              .formatted(rows * rowBytes, allowed),
          "start Java with a larger -Xmx, or give fewer samples");
    }
    int rowsPerBlock = (int) Math.max(1, Math.min(rows, BLOCK_BYTES / rowBytes));
    List<byte[]> blocks = new ArrayList<>();
    for (long row = 0; row < rows; row += rowsPerBlock) {
      int bytes = (int) (Math.min(rowsPerBlock, rows - row) * rowBytes);
      byte[] block = in.readNBytes(bytes);
      if (block.length < bytes) {
        throw new DataException(
            where,
            "ends after %,d of %,d rows".formatted(row + block.length / rowBytes, rows),
            "the file is incomplete; write it again");
      }
      blocks.add(block);
    }
    if (in.read() >= 0) {
      throw new DataException(where, "is longer than its shape says", "write it again");
    }
    List<Integer> dims = rowDims.stream().map(Math::toIntExact).toList();
    return new NpyArray(header.type(), dims, (int) rows, rowsPerBlock, blocks);
  }

  /** Bytes of a row. */
  int rowBytes() {
    return blocks.get(0).length / Math.min(rowsPerBlock, rows);
  }

  ByteBuffer row(int index) {
    int bytes = rowBytes();
    return ByteBuffer.wrap(blocks.get(index / rowsPerBlock), index % rowsPerBlock * bytes, bytes)
        .slice()
        .asReadOnlyBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A whole number of a one-dimensional array. */
  long integer(int index) {
    ByteBuffer row = row(index);
    return switch (type) {
      case INT8, BOOL -> row.get(0);
      case UINT8 -> row.get(0) & 0xFF;
      case INT16 -> row.getShort(0);
      case UINT16 -> row.getShort(0) & 0xFFFF;
      case INT32 -> row.getInt(0);
      case UINT32 -> row.getInt(0) & 0xFFFFFFFFL;
      default -> row.getLong(0);
    };
  }
}
