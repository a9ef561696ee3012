/**
 * Tensor contents without a graph around them: element types, and bytes that are mapped from a
 * file, held on the heap, or seen through a selection of another tensor. Nothing here copies
 * weights until somebody writes them. Depends on nothing else; start at {@link
 * io.gohsp.tensor.Tensor}.
 */
@NullMarked
package io.gohsp.tensor;

import org.jspecify.annotations.NullMarked;
