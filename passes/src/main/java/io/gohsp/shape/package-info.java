/**
 * Shape inference: extents (numbers or symbols), element types, and the contents of the small
 * integer tensors that shapes are computed from. Depends on {@code op} and below, changes nothing.
 * Start at {@link io.gohsp.shape.ShapeInference}; {@link io.gohsp.shape.ShapeRules} lists the
 * rules, one file per family of operators.
 */
@NullMarked
package io.gohsp.shape;

import org.jspecify.annotations.NullMarked;
