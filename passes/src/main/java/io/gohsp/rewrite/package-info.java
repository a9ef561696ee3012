/**
 * Changing a graph: {@link io.gohsp.rewrite.GraphBuilder} writes new nodes, at the end of a graph
 * or before one that is there. Depends on {@code ir} and {@code tensor} only.
 */
@NullMarked
package io.gohsp.rewrite;

import org.jspecify.annotations.NullMarked;
