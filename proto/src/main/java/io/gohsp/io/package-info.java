/**
 * ONNX files: {@link io.gohsp.io.OnnxReader} makes a model of one, {@link io.gohsp.io.OnnxWriter}
 * makes one of a model. Both work on the wire format itself, so weights stay in the mapped file
 * until they are copied to their new place, and whatever the IR does not model is carried along as
 * the bytes it was. Depends on {@code tensor}, {@code ir} and the generated {@code onnx} classes,
 * which describe the small messages; start at {@link io.gohsp.io.OnnxReader}.
 */
@NullMarked
package io.gohsp.io;

import org.jspecify.annotations.NullMarked;
