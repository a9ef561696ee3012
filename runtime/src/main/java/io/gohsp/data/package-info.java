/**
 * Samples: what a user's files hold, how a picture becomes the numbers a model takes, and batches
 * that are prepared ahead of their use. Everything is a function of the files, the seed and the
 * position, never of the number of threads or of the clock. Depends on {@code tensor}, {@code ir},
 * {@code shape} and {@code ort} (for tensors only). Start at {@link io.gohsp.data.DataSpec}, which
 * says what is read, and {@link io.gohsp.data.ModelData}, which is that for a model; then {@link
 * io.gohsp.data.Samples} and {@link io.gohsp.data.Batches}.
 */
@NullMarked
package io.gohsp.data;

import org.jspecify.annotations.NullMarked;
