package io.gohsp.cost;

import io.gohsp.ir.Value;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A constant that is a weight.
 *
 * @param value what nodes read
 * @param tensor what it holds
 * @param packing how many numbers an element stands for; 1 unless several share a byte
 * @param isEmbedding whether it is a table that samples look rows up in
 */
public record Weight(Value value, Tensor tensor, double packing, boolean isEmbedding) {
  /**
   * Numbers that are stored under these extents; a tensor of one element is a setting and not a
   * weight.
   */
  long stored(Function<Value, @Nullable List<Size>> shapes) {
    List<Size> shape = shapes.apply(value);
    long elements =
        shape == null || !shape.stream().allMatch(Size::isKnown)
            ? tensor.size()
            : shape.stream().mapToLong(Size::value).reduce(1, Math::multiplyExact);
    return elements <= 1 ? 0 : elements;
  }

  /** Numbers it stands for, not the packed ones. */
  long elements(Function<Value, @Nullable List<Size>> shapes) {
    return packing == 1 ? stored(shapes) : Math.round(packing * stored(shapes));
  }

  /** What the numbers take as they are stored. */
  long bytes(Function<Value, @Nullable List<Size>> shapes) {
    return tensor.type().bytes(stored(shapes));
  }
}
