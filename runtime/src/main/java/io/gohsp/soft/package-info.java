/**
 * Soft pruning: while a model is trained, what is going to be removed becomes smaller and smaller,
 * so that the cut at the end costs next to nothing (METHOD.md section 3). Depends on {@code train}
 * and {@code plan}; start at {@link io.gohsp.soft.SoftPruning}.
 */
@NullMarked
package io.gohsp.soft;

import org.jspecify.annotations.NullMarked;
