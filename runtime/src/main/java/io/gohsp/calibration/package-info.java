/**
 * Importance scores that need data: {@link io.gohsp.calibration.TaylorImportance} and {@link
 * io.gohsp.calibration.SalienceImportance} run the graphs of {@code importance} over calibration
 * samples, by way of {@link io.gohsp.calibration.Calibration}, where instrumented models of any
 * kind are run. Depends on {@code importance}, {@code plan}, {@code data} and {@code ort}.
 */
@NullMarked
package io.gohsp.calibration;

import org.jspecify.annotations.NullMarked;
