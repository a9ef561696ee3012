/**
 * Runs the head graphs of {@link io.gohsp.rank} over calibration data. Depends on {@code rank},
 * {@code plan}, {@code data} and {@code ort}; start at {@link io.gohsp.ranking.HeadRanker}.
 */
@NullMarked
package io.gohsp.ranking;

import org.jspecify.annotations.NullMarked;
