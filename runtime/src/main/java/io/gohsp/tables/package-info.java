/**
 * Tables of errors: what it costs the loss to keep so many of every kind of group in every block,
 * in one unit, so that a budget is spread by a knapsack instead of by trying plans. {@link
 * io.gohsp.tables.LossImportance} measures them in one backward pass and from the sums that the
 * correction needs anyway; {@link io.gohsp.tables.OutputLoss} measures in the same unit what a
 * model that is there already loses. Depends on {@code calibration} and {@code recover}.
 */
@NullMarked
package io.gohsp.tables;

import org.jspecify.annotations.NullMarked;
