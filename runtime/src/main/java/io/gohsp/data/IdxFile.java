package io.gohsp.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * An IDX file of unsigned bytes: two zero bytes, the type (8), the rank, then the extents as
 * big-endian 32-bit numbers, then the values.
 */
final class IdxFile {
  private static final int UNSIGNED_BYTE = 8;

  private final String name;
  private final int[] dims;
  private final byte[] values;

  private IdxFile(String name, int[] dims, byte[] values) {
    this.name = name;
    this.dims = dims;
    this.values = values;
  }

  String name() {
    return name;
  }

  int dim(int axis) {
    return dims[axis];
  }

  /** All of them, row-major; not to be written to. */
  byte[] values() {
    return values;
  }

  static IdxFile read(Path file, int rank) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in, rank);
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }

  /** Reads plain or, if that is how it begins, gzipped contents. */
  static IdxFile read(String name, InputStream raw, int rank) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(raw);
    buffered.mark(2);
    boolean gzipped = buffered.read() == 0x1F && buffered.read() == 0x8B;
    buffered.reset();
    InputStream in = gzipped ? new BufferedInputStream(new GZIPInputStream(buffered)) : buffered;
    ByteBuffer head = ByteBuffer.wrap(in.readNBytes(4 + 4 * rank));
    if (head.capacity() < 4 + 4 * rank
        || head.getShort(0) != 0
        || head.get(2) != UNSIGNED_BYTE
        || head.get(3) != rank) {
      throw new DataException(
          name,
          "not an IDX file of unsigned bytes with " + rank + " dimensions",
          "give the files of MNIST or of a data set in its format");
    }
    int[] dims = new int[rank];
    long size = 1;
    for (int i = 0; i < rank; i++) {
      dims[i] = head.getInt(4 + 4 * i);
      boolean plausible = dims[i] > 0 && size * dims[i] <= Integer.MAX_VALUE - 8L;
      if (!plausible) {
        throw new DataException(
            name,
            "extents "
                + Arrays.toString(Arrays.copyOf(dims, i + 1))
                + " are not positive or too large",
            "the file is damaged; fetch it again");
      }
      size *= dims[i];
    }
    byte[] values = in.readNBytes((int) size); // grows with what is there, not with what is claimed
    if (values.length != size || in.read() >= 0) {
      throw new DataException(
          name,
          (values.length < size ? "only " + values.length : "more than " + size)
              + " values, expected "
              + size
              + " for "
              + Arrays.toString(dims),
          "the file is damaged; fetch it again");
    }
    return new IdxFile(name, dims, values);
  }
}
