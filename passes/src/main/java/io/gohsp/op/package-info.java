/**
 * Operators as records: what a node's attributes and constant operands say, decoded once, with the
 * differences between operator set versions removed. Analyses and rewrites read these and never raw
 * attributes. Depends on {@code ir} and {@code tensor} alone; start at any record, {@link
 * io.gohsp.op.SplitOp} for instance.
 */
@NullMarked
package io.gohsp.op;

import org.jspecify.annotations.NullMarked;
