/**
 * Models as text, in the syntax of {@code onnx.parser} and {@code onnx.printer}: for tests,
 * documentation and inspection. Depends on {@code ir} and {@code tensor}. Start at {@link
 * io.gohsp.text.OnnxText}, which reads, and {@link io.gohsp.text.OnnxPrinter}, which prints.
 *
 * <p>What this package adds to the syntax:
 *
 * <ul>
 *   <li>Contents of a tensor may be generated: {@code float[64,64] w = random(7, 0.1)} is normally
 *       distributed with seed 7 and standard deviation 0.1 ({@link java.util.Random#nextGaussian},
 *       in row-major order, the same on every machine); {@code zeros}, {@code ones} and {@code
 *       range} (0, 1, 2, ...) take no arguments.
 *   <li>Elements of float16 and bfloat16 tensors may be written as decimals, {@code {1.0, 0.5}},
 *       and are printed so. Whole numbers are bit patterns there, as the original syntax has it.
 *   <li>Any name may be quoted: attributes, operators, domains, nested graphs.
 *   <li>{@code {...}} stands for contents that were left out; it is printed, but cannot be read.
 * </ul>
 *
 * <p>What it does not read: external data, elements of string and complex tensors, attributes that
 * are types or lists of tensors, and nodes that are not in topological order. Producer, model
 * version, domain and doc strings of a model are read and dropped, for the IR does not model them.
 */
@NullMarked
package io.gohsp.text;

import org.jspecify.annotations.NullMarked;
