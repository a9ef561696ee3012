/**
 * Models from nothing but sizes: untrained Vision Transformers, for training from scratch, for
 * tests and for timing. Depends on {@code rewrite} and below. Start at {@link
 * io.gohsp.create.VitBuilder}.
 */
@NullMarked
package io.gohsp.create;

import org.jspecify.annotations.NullMarked;
