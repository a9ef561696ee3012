package io.gohsp.data;

/** To which size a picture is brought before its centre is cut out. */
public sealed interface Resize {
  /** The shorter edge becomes {@code size}; the longer follows, rounded down. */
  record ShorterEdge(int size) implements Resize {
    @Override
    public String toString() {
      return "shorter edge to " + size;
    }
  }

  /** Both edges are given; proportions may change. */
  record Exact(int height, int width) implements Resize {
    @Override
    public String toString() {
      return "to " + width + "×" + height;
    }
  }

  /** Pictures stay as they are. */
  record None() implements Resize {
    @Override
    public String toString() {
      return "none";
    }
  }

  /**
   * Width and height after resizing a picture of {@code width} and {@code height}; a picture so
   * long that this passes all bounds gets the largest number.
   */
  default int[] sizeOf(int width, int height) {
    if (this instanceof Exact exact) {
      return new int[] {exact.width(), exact.height()};
    }
    if (this instanceof ShorterEdge edge) {
      long size = edge.size();
      return width <= height
          ? new int[] {edge.size(), (int) Math.min(Integer.MAX_VALUE, size * height / width)}
          : new int[] {(int) Math.min(Integer.MAX_VALUE, size * width / height), edge.size()};
    }
    return new int[] {width, height};
  }
}
