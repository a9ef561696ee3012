/**
 * Dense linear algebra in double precision by the OpenBLAS that ND4J brings: products, Cholesky
 * factors, eigenvalues and singular values of a {@link io.gohsp.linalg.Matrix}. Loaded when the
 * first product is asked for, not before. Depends on nothing but {@code engine}, for what JavaCPP
 * must be told first.
 */
@NullMarked
package io.gohsp.linalg;

import org.jspecify.annotations.NullMarked;
