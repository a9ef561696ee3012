package io.gohsp.cost;

import io.gohsp.ir.Node;
import java.util.List;

/**
 * What a model costs.
 *
 * @param params elements of its weights, each stored tensor once
 * @param macs multiply-accumulates of one run; papers call them FLOPs
 * @param bytes what the weights take as they are stored
 * @param uncounted nodes that compute products, but whose extents are not known; {@code macs} is
 *     too low by theirs
 */
public record Cost(long params, long macs, long bytes, List<Node> uncounted) {
  public Cost {
    uncounted = List.copyOf(uncounted);
  }
}
