/**
 * The pruning methods, one file each: what a model keeps. A {@link io.gohsp.method.PruningMethod}
 * looks at the model alone, a {@link io.gohsp.method.TrainedMethod} at data too. Depends on {@code
 * plan}, {@code calibration}, {@code ranking}, {@code soft} and {@code zero}; start at those two.
 */
@NullMarked
package io.gohsp.method;

import org.jspecify.annotations.NullMarked;
