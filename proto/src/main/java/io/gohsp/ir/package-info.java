/**
 * The model as objects: {@link io.gohsp.ir.Model}, {@link io.gohsp.ir.Graph}, {@link
 * io.gohsp.ir.Node} and {@link io.gohsp.ir.Value}, connected by identity and with use lists that
 * are always up to date. Names matter only to readers, writers, printers and errors. Depends on
 * {@code tensor} alone; start at {@link io.gohsp.ir.Graph}.
 */
@NullMarked
package io.gohsp.ir;

import org.jspecify.annotations.NullMarked;
