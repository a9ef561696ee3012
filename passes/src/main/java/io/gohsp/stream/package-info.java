/**
 * The residual stream as an axis of its own: {@link io.gohsp.stream.Streams} finds the streams of a
 * model and says of each whether, or why not, it can be written in fewer channels; {@link
 * io.gohsp.stream.StreamTurn} does so for given directions, {@link
 * io.gohsp.stream.StreamProjection} builds what that must equal. Depends on {@code axis}, {@code
 * vit}, {@code normalize}, {@code linear} and, for how plans hold numbers, {@code basis}; start
 * with {@link io.gohsp.stream.StreamRules}.
 */
@NullMarked
package io.gohsp.stream;

import org.jspecify.annotations.NullMarked;
