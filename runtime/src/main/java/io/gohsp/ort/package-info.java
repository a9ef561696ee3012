/**
 * Execution of models in ONNX Runtime: where ({@link io.gohsp.ort.Device}), how ({@link
 * io.gohsp.ort.OrtOptions}), and with what ({@link io.gohsp.ort.HostTensor}). The only package that
 * sees ONNX Runtime's classes. Depends on {@code tensor}, {@code ir} and {@code io}; start at
 * {@link io.gohsp.ort.OrtProgram}.
 */
@NullMarked
package io.gohsp.ort;

import org.jspecify.annotations.NullMarked;
