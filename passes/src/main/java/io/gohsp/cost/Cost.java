package io.gohsp.cost;

import io.gohsp.ir.Node;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a model costs.
 *
 * @param params elements of its weights, each stored tensor once
 * @param embeddings how many of them are in embedding tables, in which samples look rows up
 * @param macs multiply-accumulates of one run; papers call them FLOPs
 * @param bytes what the weights take as they are stored
 * @param uncounted nodes that compute products, but whose extents are not known; {@code macs} is
 *     too low by theirs
 */
public record Cost(long params, long embeddings, long macs, long bytes, List<Node> uncounted) {
  public Cost {
    uncounted = List.copyOf(uncounted);
  }

  /** Of a model without embedding tables. */
  public Cost(long params, long macs, long bytes, List<Node> uncounted) {
    this(params, 0, macs, bytes, uncounted);
  }

  /** Both together. */
  public Cost plus(Cost other) {
    return new Cost(
        params + other.params,
        embeddings + other.embeddings,
        macs + other.macs,
        bytes + other.bytes,
        Stream.concat(uncounted.stream(), other.uncounted.stream()).toList());
  }
}
