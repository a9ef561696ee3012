package io.gohsp.cost;

import io.gohsp.ir.Node;
import io.gohsp.shape.Size;

/** How many multiply-accumulates one run of a node takes. */
@FunctionalInterface
interface MacRule {
  /** A product of extents; {@link Extents#UNKNOWN} is a factor if one is not known. */
  Size macs(Node node, Extents extents);
}
