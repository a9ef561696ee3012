/**
 * Whether a file is what its plan makes of the original: the masked original as the reference, a
 * second reading of the plan that knows nothing of the analysis, the graph against a fresh cut, and
 * what a model says about itself. Numbers are compared in {@code verify}; start at {@link
 * io.gohsp.equivalence.Verification}.
 */
@NullMarked
package io.gohsp.equivalence;

import org.jspecify.annotations.NullMarked;
