/**
 * Which basis the columns of heads are best written in before any goes: {@link
 * io.gohsp.rotation.Rotation} chooses it from how queries, keys and attended values vary on
 * calibration samples (METHOD.md section 9). Depends on {@code basis}, {@code plan}, {@code
 * calibration}, {@code recover} and {@code linalg}.
 */
@NullMarked
package io.gohsp.rotation;

import org.jspecify.annotations.NullMarked;
