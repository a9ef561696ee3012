package io.gohsp.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor seen through a {@link Selection}: what pruning leaves of a weight. Holds no bytes of its
 * own; they are gathered when they are written.
 */
public final class SlicedData implements TensorData {
  /** The most bytes of a row that are looked at as one. */
  private static final long LONGEST_ROW = 1L << 28;

  private final TensorData source;
  private final ElementType type;
  private final Selection selection;
  private final long[] sourceStrides;
  private final long elements;
  private final boolean lastDecidesNothing;

  /**
   * @param source the bytes of the whole tensor
   * @param type its element type
   * @param selection what stays, over the source's extents
   */
  public SlicedData(TensorData source, ElementType type, Selection selection) {
    this.source = source;
    this.type = type;
    this.selection = selection;
    int rank = selection.axes().size();
    this.sourceStrides = new long[rank];
    long stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      sourceStrides[axis] = stride;
      stride = Math.multiplyExact(stride, selection.axes().get(axis).size());
    }
    long kept = 1;
    for (long dim : selection.dims()) {
      kept = Math.multiplyExact(kept, dim);
    }
    this.elements = kept;
    this.lastDecidesNothing = lastDecidesNothing();
  }

  /** Whether the other shows the same part of the same tensor. */
  public boolean isSameViewAs(SlicedData other) {
    return source == other.source && selection.equals(other.selection);
  }

  @Override
  public long byteSize() {
    return type.bytes(elements);
  }

  @Override
  public ByteBuffer view(long offset, int length) {
    ByteBuffer target = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    int width = type.bits() / 8;
    if (width > 0
        && offset % width == 0
        && length % width == 0
        && lastDecidesNothing
        && hasShortRows()) {
      copyRows(offset / width, width, target);
    } else if (width > 0) {
      copyElements(offset / width, (offset + length + width - 1) / width, offset % width, target);
    } else {
      copyPacked(offset, target);
    }
    return target.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether the other axes stand still while the last one is walked: nothing depends on it. */
  private boolean lastDecidesNothing() {
    int last = sourceStrides.length - 1;
    return selection.axes().stream().noneMatch(axis -> axis.dependsOn().contains(last));
  }

  private boolean hasShortRows() {
    int last = sourceStrides.length - 1;
    return last >= 0 && type.bytes(selection.axes().get(last).size()) <= LONGEST_ROW;
  }

  /** Fills the target with elements from number {@code from} on, row by row of the last axis. */
  private void copyRows(long from, int width, ByteBuffer target) {
    Cursor cursor = new Cursor(from);
    int last = sourceStrides.length - 1;
    int extent = selection.axes().get(last).size();
    while (target.hasRemaining()) {
      int[] kept = selection.row(last, cursor.originals);
      int first = cursor.position[last];
      int count = Math.min(kept.length - first, target.remaining() / width);
      long rowStart = (cursor.sourceElement() - cursor.originals[last]) * width;
      ByteBuffer row = source.view(rowStart, extent * width).order(ByteOrder.LITTLE_ENDIAN);
      if (kept.length == extent) {
        target.put(row.slice(first * width, count * width));
      } else {
        gather(row, kept, first, count, width, target);
      }
      cursor.advance(count);
    }
  }

  private static void gather(
      ByteBuffer row, int[] kept, int first, int count, int width, ByteBuffer target) {
    int end = first + count;
    switch (width) {
      case 1 -> {
        for (int i = first; i < end; i++) {
          target.put(row.get(kept[i]));
        }
      }
      case 2 -> {
        for (int i = first; i < end; i++) {
          target.putShort(row.getShort(2 * kept[i]));
        }
      }
      case 4 -> {
        for (int i = first; i < end; i++) {
          target.putInt(row.getInt(4 * kept[i]));
        }
      }
      default -> {
        for (int i = first; i < end; i++) {
          target.put(row.slice(width * kept[i], width));
        }
      }
    }
  }

  /**
   * Copies elements [from, to), run by run along the last axis, leaving out {@code skip} bytes of
   * the first.
   */
  private void copyElements(long from, long to, long skip, ByteBuffer target) {
    int width = type.bits() / 8;
    Cursor cursor = new Cursor(from);
    long at = from;
    while (at < to && target.hasRemaining()) {
      int run = (int) Math.min(cursor.run(), to - at);
      long start = cursor.sourceElement() * width + skip;
      int bytes = (int) Math.min(run * (long) width - skip, target.remaining());
      target.put(source.view(start, bytes));
      skip = 0;
      cursor.advance(run);
      at += run;
    }
  }

  private void copyPacked(long offset, ByteBuffer target) {
    int perByte = 8 / type.bits();
    int mask = (1 << type.bits()) - 1;
    long element = offset * perByte;
    Cursor cursor = new Cursor(element);
    while (target.hasRemaining()) {
      int packed = 0;
      for (int slot = 0; slot < perByte && element < elements; slot++, element++) {
        long from = cursor.sourceElement();
        int piece = source.view(from / perByte, 1).get(0) >> (from % perByte * type.bits());
        packed |= (piece & mask) << (slot * type.bits());
        cursor.advance(1);
      }
      target.put((byte) packed);
    }
  }

  /** Walks the kept elements in row-major order. */
  private final class Cursor {
    private final int[] position;
    private final int[] originals;

    Cursor(long element) {
      int rank = sourceStrides.length;
      position = new int[rank];
      originals = new int[rank];
      long rest = element;
      for (int axis = rank - 1; axis >= 0; axis--) {
        int count = selection.axes().get(axis).count();
        position[axis] = (int) (rest % Math.max(count, 1));
        rest /= Math.max(count, 1);
      }
      resolve();
    }

    /**
     * Original indices from positions. Dependencies may point either way, so independent axes come
     * first.
     */
    private void resolve() {
      for (int pass = 0; pass < 2; pass++) {
        for (int axis = 0; axis < originals.length; axis++) {
          boolean dependent = !selection.axes().get(axis).dependsOn().isEmpty();
          if (dependent == (pass == 1)) {
            originals[axis] = selection.original(axis, position[axis], originals);
          }
        }
      }
    }

    long sourceElement() {
      long element = 0;
      for (int axis = 0; axis < originals.length; axis++) {
        element += originals[axis] * sourceStrides[axis];
      }
      return element;
    }

    /** How many kept elements from here lie side by side in the source, along the last axis. */
    int run() {
      int last = originals.length - 1;
      if (last < 0 || !lastDecidesNothing) {
        return 1;
      }
      int count = selection.axes().get(last).count();
      int run = 1;
      while (position[last] + run < count
          && selection.original(last, position[last] + run, originals) == originals[last] + run) {
        run++;
      }
      return run;
    }

    void advance(int by) {
      int axis = position.length - 1;
      if (axis < 0) {
        return;
      }
      position[axis] += by;
      while (axis > 0 && position[axis] >= selection.axes().get(axis).count()) {
        position[axis] = 0;
        position[--axis]++;
      }
      if (position[0] < selection.axes().get(0).count()) {
        resolve();
      }
    }
  }
}
