/**
 * How a budget is best split between heads, query-key columns, value columns and neurons, found by
 * trying: candidates are cut, corrected, and compared with the dense model on calibration samples.
 * Depends on {@code recover}, {@code calibration} and {@code train} (to compare models) and on the
 * {@code Planner} of a method; knows no method itself. Start at {@link
 * io.gohsp.allocation.AllocationSearch}.
 */
@NullMarked
package io.gohsp.allocation;

import org.jspecify.annotations.NullMarked;
