/**
 * Soft pruning: while a model is trained, what is going to be removed becomes smaller and smaller,
 * so that the cut at the end costs next to nothing (METHOD.md section 3). Also what the methods do
 * that it is compared with (section 7): switching groups off round by round, and trading them.
 * Depends on {@code train} and {@code plan}; start at {@link io.gohsp.soft.SoftPruning}.
 */
@NullMarked
package io.gohsp.soft;

import org.jspecify.annotations.NullMarked;
