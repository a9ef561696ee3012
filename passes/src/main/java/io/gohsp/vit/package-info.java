/**
 * Names for what the axis analysis found: block 3, head 5, neuron 17. Nothing here decides what may
 * be removed; it only says which factor is a block's heads, its query-key and value columns, its
 * hidden neurons, in the order of the graph. Depends on {@code axis}; start at {@link
 * io.gohsp.vit.TransformerRecognizer}.
 */
@NullMarked
package io.gohsp.vit;

import org.jspecify.annotations.NullMarked;
