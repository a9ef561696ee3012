package io.gohsp.branch;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Node;
import io.gohsp.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where a branch that computes nothing joins the residual stream.
 *
 * @param addition the node that adds it
 * @param operand which of its operands the branch is
 * @param constant what the branch still adds, of extents that broadcast to the stream's; null for
 *     nothing
 * @param along what the constant's first axis is made of, if it has axes: all others have one
 *     position
 */
public record Joint(
    Node addition, int operand, @Nullable Tensor constant, @Nullable AxisLayout along) {}
