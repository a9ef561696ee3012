package io.gohsp.basis;

import io.gohsp.axis.Factor;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;

/**
 * What a change of basis of one operand or result along a factor asks of a node's others. Reads the
 * node, writes to the {@link Spread}.
 */
@FunctionalInterface
interface BasisRule {
  /**
   * @param from the operand or result that is known to be written in another basis
   * @param dual whether by the inverse transpose
   */
  void spread(Node node, Value from, Factor factor, boolean dual, Spread spread);
}
