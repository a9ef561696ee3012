/**
 * Budgets of time: the plan that keeps most among those whose pruned model, run for real in ONNX
 * Runtime on this machine, is fast enough. Depends on {@code bench}, {@code ort}, {@code verify}
 * (for inputs), {@code plan} and {@code prune}; knows no pruning method. Start at {@link
 * io.gohsp.latency.LatencySearch}.
 */
@NullMarked
package io.gohsp.latency;

import org.jspecify.annotations.NullMarked;
