package io.gohsp.nd4j;

import io.gohsp.tensor.ElementType;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Fractions in ND4J's memory, not necessarily one after another. */
record Floats(Block block, Layout layout) implements Cell {
  @Override
  public ElementType type() {
    return ElementType.FLOAT;
  }

  @Override
  public long[] dims() {
    return layout.dims();
  }

  boolean isDense() {
    return layout.isDense();
  }

  /** As ND4J sees it. */
  INDArray array() {
    return block.array(layout);
  }

  /**
   * The same elements under other extents.
   *
   * @param dims with the same number of elements; this must be dense
   */
  Floats reshaped(long... dims) {
    if (!isDense() || Layout.size(dims) != size()) {
      throw new IllegalArgumentException(
          java.util.Arrays.toString(dims()) + " as " + java.util.Arrays.toString(dims));
    }
    return new Floats(block, Layout.dense(dims).shifted(layout.offset()));
  }

  Floats seen(Layout newLayout) {
    return new Floats(block, newLayout);
  }

  /** The elements as Java reads them, from 0 on; this must be dense. */
  FloatBuffer read() {
    return block.read().slice(Math.toIntExact(layout.offset()), size());
  }

  /** The elements as Java writes them, from 0 on; this must be dense. */
  FloatBuffer write() {
    return block.write().slice(Math.toIntExact(layout.offset()), size());
  }
}
