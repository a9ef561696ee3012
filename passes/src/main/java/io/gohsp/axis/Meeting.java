package io.gohsp.axis;

import io.gohsp.ir.Node;

/**
 * Two axes that a product of two activations adds up over, as the columns of queries and of keys.
 * Their positions go together, but each may be written in a basis of its own.
 *
 * @param node the product
 * @param left the axis of its first operand
 * @param right the axis of its second operand, as long as the other
 */
public record Meeting(Node node, AxisLayout left, AxisLayout right) {}
