package io.gohsp.zero;

import io.gohsp.ir.Node;

/**
 * What one operator's results are known to be zero at, given its operands. Reads the node, writes
 * facts.
 */
@FunctionalInterface
interface ZeroRule {
  void infer(Node node, Zeros zeros);
}
