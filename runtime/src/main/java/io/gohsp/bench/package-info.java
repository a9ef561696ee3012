/**
 * How fast models are, running and being trained, and how much memory that takes. Depends on {@code
 * ort}, {@code verify} (for inputs) and {@code train}; start at {@link io.gohsp.bench.LatencyProbe}
 * and {@link io.gohsp.bench.TrainingProbe}.
 */
@NullMarked
package io.gohsp.bench;

import org.jspecify.annotations.NullMarked;
