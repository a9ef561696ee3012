package io.gohsp.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * A file mapped read-only, of any size. One mapping ends at 2 GiB, so the file is covered by
 * windows that overlap by half: any range of up to 1 GiB lies inside one of them.
 */
public final class MappedFile {
  /** Every window starts at a multiple of this many bytes and is up to twice as long. */
  private static final long STRIDE = 1L << 30;

  private final Path path;
  private final long size;
  private final BasicFileAttributes attributes;
  private final ByteBuffer[] windows;

  private MappedFile(Path path, long size, BasicFileAttributes attributes, ByteBuffer[] windows) {
    this.path = path;
    this.size = size;
    this.attributes = attributes;
    this.windows = windows;
  }

  /**
   * Maps {@code path}. The mapping outlives the channel, so nothing needs closing.
   *
   * @throws IOException if the file cannot be opened or mapped
   */
  public static MappedFile open(Path path) throws IOException {
    // First, so that whatever is written later is seen.
    BasicFileAttributes attributes = attributes(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer[] windows = new ByteBuffer[Math.toIntExact(size / STRIDE) + 1];
      for (int i = 0; i < windows.length; i++) {
        long start = i * STRIDE;
        windows[i] = channel.map(MapMode.READ_ONLY, start, Math.min(size - start, 2 * STRIDE - 1));
      }
      return new MappedFile(path, size, attributes, windows);
    }
  }

  public Path path() {
    return path;
  }

  /** The file's size in bytes when it was opened. */
  public long size() {
    return size;
  }

  /**
   * Whether the path still names this file; one that was deleted or replaced is read on, as it was.
   */
  public boolean isInPlace() {
    try {
      return isThis(attributes(path));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Whether the file itself was written to since it was opened, so that what was read of it earlier
   * may not be what is read later. Of a page that was cut short in part, zeros are read.
   */
  public boolean isChanged() {
    try {
      BasicFileAttributes now = attributes(path);
      return isThis(now)
          && !(now.size() == size && now.lastModifiedTime().equals(attributes.lastModifiedTime()));
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isThis(BasicFileAttributes now) {
    return Objects.equals(now.fileKey(), attributes.fileKey());
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class);
  }

  /**
   * A little-endian read-only view of a range.
   *
   * @param offset first byte
   * @param length at most 1 GiB
   * @throws IndexOutOfBoundsException if the range leaves the file
   */
  public ByteBuffer view(long offset, int length) {
    if (offset < 0 || length < 0 || length > STRIDE || offset > size - length) {
      throw new IndexOutOfBoundsException(
          "bytes " + offset + "+" + length + " of " + path + ", which has " + size);
    }
    int window = (int) Math.min(offset / STRIDE, windows.length - 1L);
    return windows[window]
        .slice((int) (offset - window * STRIDE), length)
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
