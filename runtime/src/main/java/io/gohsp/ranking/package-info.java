/**
 * Runs the head graphs of {@link io.gohsp.rank} over calibration data, and ranks heads by them.
 * Depends on {@code rank}, {@code selection}, {@code calibration}, {@code data} and {@code ort};
 * start at {@link io.gohsp.ranking.HeadStudy}.
 */
@NullMarked
package io.gohsp.ranking;

import org.jspecify.annotations.NullMarked;
