/**
 * What is left of a residual branch that computes nothing. A part of a block that loses all its
 * heads or neurons still adds its biases to the residual stream: {@link io.gohsp.branch.BranchExit}
 * follows that constant from the branch's output layer to where it joins the stream, or says why it
 * cannot be followed; {@link io.gohsp.branch.BranchRemoval} takes the branch away. Depends on
 * {@code axis} and {@code shape}.
 */
@NullMarked
package io.gohsp.branch;

import org.jspecify.annotations.NullMarked;
