package io.gohsp.nd4j;

import io.gohsp.tensor.ElementType;

/** What a value of the graph is while it is executed. */
sealed interface Cell permits Floats, Whole {
  ElementType type();

  /** The extents; not to be changed. */
  long[] dims();

  default int rank() {
    return dims().length;
  }

  default int size() {
    return Layout.size(dims());
  }

  default long dim(int axis) {
    return dims()[axis];
  }
}
