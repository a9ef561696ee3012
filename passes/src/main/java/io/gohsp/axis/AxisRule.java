package io.gohsp.axis;

import io.gohsp.ir.Node;

/**
 * How one operator relates the axes of its operands and results. Reads the node, writes
 * constraints.
 */
@FunctionalInterface
interface AxisRule {
  void relate(Node node, Axes axes);
}
