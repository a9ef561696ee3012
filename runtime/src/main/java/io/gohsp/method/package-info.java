/**
 * The pruning methods, one file each: what a model keeps. Those here look at the model alone; they
 * need no data. Depends on {@code plan}, {@code prune} and {@code zero}; start at {@link
 * io.gohsp.method.PruningMethod}.
 */
@NullMarked
package io.gohsp.method;

import org.jspecify.annotations.NullMarked;
