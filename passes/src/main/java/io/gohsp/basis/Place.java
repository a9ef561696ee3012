package io.gohsp.basis;

import io.gohsp.axis.Factor;
import io.gohsp.ir.Value;

/**
 * A stored constant that a change of basis rewrites.
 *
 * @param constant an initializer or the output of a Constant node
 * @param factor along which; of the analysis that tells queries from keys
 * @param dual whether by the inverse transpose, as keys and output projections are
 */
record Place(Value constant, Factor factor, boolean dual) {}
