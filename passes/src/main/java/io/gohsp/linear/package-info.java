/**
 * Linear layers as matrices, whatever operator computes them: {@link io.gohsp.linear.LinearLayer}
 * reads and changes weight and bias where the model stores them, {@link
 * io.gohsp.linear.LeftConstant} what a branch that is gone has left, {@link
 * io.gohsp.linear.ErrorGraph} instruments a pruned model so that it returns what a least squares
 * correction of one layer needs. Depends on {@code op}, {@code shape}, {@code normalize} and {@code
 * rewrite}; start at {@link io.gohsp.linear.LinearLayer}.
 */
@NullMarked
package io.gohsp.linear;

import org.jspecify.annotations.NullMarked;
