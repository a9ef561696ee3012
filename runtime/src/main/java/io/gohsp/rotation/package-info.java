/**
 * Which basis the columns of heads, and residual streams, are best written in before any goes:
 * {@link io.gohsp.rotation.Rotation} chooses it from how queries, keys and attended values vary on
 * calibration samples (METHOD.md section 9), {@link io.gohsp.rotation.StreamDirections} from what
 * norms see. Depends on {@code basis}, {@code stream}, {@code plan}, {@code calibration}, {@code
 * recover} and {@code linalg}.
 */
@NullMarked
package io.gohsp.rotation;

import org.jspecify.annotations.NullMarked;
