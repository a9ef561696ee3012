/**
 * How fast models are and how much memory they take, measured side by side in one process. Depends
 * on {@code ort} and {@code verify} (for inputs); start at {@link io.gohsp.bench.LatencyProbe}.
 */
@NullMarked
package io.gohsp.bench;

import org.jspecify.annotations.NullMarked;
