package io.gohsp.cost;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.Size;

/**
 * Attention as one operator. With B batch, N queries, M keys (those of the past included), a the
 * width of all queries together and b that of the values, the two products take {@code
 * B·N·M·(a+b)}.
 */
final class AttentionMacs {
  private AttentionMacs() {}

  private static Size products(Size batch, Size queries, Size keys, Size a, Size b) {
    return batch.times(queries).times(keys).times(a.plus(b));
  }

  /** The standard operator: q, k, v, mask, past key; [B, N, a], or [B, heads, N, size]. */
  static Size standard(Node node, Extents extents) {
    Value q = node.input(0);
    Value k = node.input(1);
    Value v = node.input(2);
    Size past = extents.orZero(node.optionalInput(4), 2);
    if (extents.rank(q) == 4) {
      Size heads = extents.of(q, 1);
      return products(
          extents.of(q, 0),
          extents.of(q, 2),
          extents.of(k, 2).plus(past),
          heads.times(extents.of(q, 3)),
          heads.times(extents.of(v, 3)));
    }
    return products(
        extents.of(q, 0),
        extents.of(q, 1),
        extents.of(k, 1).plus(past),
        extents.of(q, 2),
        extents.of(node.output(), 2));
  }

  /**
   * com.microsoft Attention and QAttention: x [B, N, in], weight [in, a+a+b] -> [B, N, b]; it
   * projects too.
   */
  static MacRule packed(int pastInput) {
    return (node, extents) -> {
      Value x = node.input(0);
      Size tokens = extents.of(x, 1);
      Size width = extents.of(node.input(1), 1);
      Size b = extents.of(node.output(), 2);
      Size a = width.minus(b).floorDiv(Size.of(2));
      Size keys = tokens.plus(extents.orZero(node.optionalInput(pastInput), 3));
      Size projections = extents.elements(x).times(width);
      return projections.plus(products(extents.of(x, 0), tokens, keys, a, b));
    };
  }

  /**
   * com.microsoft MultiHeadAttention; keys and values may be packed into the query, or values into
   * the keys.
   */
  static Size multiHead(Node node, Extents extents) {
    Value q = node.input(0);
    Value k = node.optionalInput(1);
    boolean allInOne = k == null; // [B, N, heads, 3, size]
    Size a = allInOne ? extents.of(q, 2).times(extents.of(q, 4)) : extents.of(q, 2);
    Size own = allInOne ? extents.of(q, 1) : extents.of(k, extents.rank(k) == 4 ? 2 : 1);
    Size keys = own.plus(extents.orZero(node.optionalInput(6), 2));
    return products(extents.of(q, 0), extents.of(q, 1), keys, a, extents.of(node.output(), 2));
  }

  /** com.microsoft GroupQueryAttention; keys and values may be packed behind the queries. */
  static Size grouped(Node node, Extents extents) {
    Value q = node.input(0);
    Size tokens = extents.of(q, 1);
    Size width = extents.of(node.output(), 2);
    Size keys = tokens.plus(extents.orZero(node.optionalInput(3), 2));
    return products(extents.of(q, 0), tokens, keys, width, width);
  }
}
