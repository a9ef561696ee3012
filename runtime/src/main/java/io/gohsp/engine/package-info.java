/**
 * Execution of graphs over numbers that training owns: one flat vector for all weights, one for all
 * gradients, which ND4J and the executing engine see without copies. Depends on {@code shape} and
 * {@code ort}; start at {@link io.gohsp.engine.Engine}.
 */
@NullMarked
package io.gohsp.engine;

import org.jspecify.annotations.NullMarked;
