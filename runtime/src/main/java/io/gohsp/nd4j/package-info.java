/**
 * The engine that computes with ND4J alone: an interpreter of graphs, with one table from ONNX
 * operators to operations of ND4J. Fractions are ND4J's, on the processor or a GPU; whole numbers
 * and truth values, which only steer, are Java's. Depends on {@code engine}, {@code ort} (for host
 * tensors and devices), {@code lower} and {@code op}; start at {@link io.gohsp.nd4j.Nd4jEngine},
 * then {@link io.gohsp.nd4j.Kernels}.
 */
@NullMarked
package io.gohsp.nd4j;

import org.jspecify.annotations.NullMarked;
