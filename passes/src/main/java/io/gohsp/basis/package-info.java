/**
 * Changes of basis: the query-key and value columns of a head are not the model's own axes, for
 * queries and keys meet only in a product, and so do values and the output projection. Says which
 * factors are free to be written in another basis, with the reason where one is not, and rewrites
 * the weights so that the model computes the same in it. Depends on {@code axis}, {@code vit} and
 * {@code normalize}; start at {@link io.gohsp.basis.BasisChange} and {@link
 * io.gohsp.basis.BasisRules}.
 */
@NullMarked
package io.gohsp.basis;

import org.jspecify.annotations.NullMarked;
