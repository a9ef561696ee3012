/**
 * What hangs together: every axis of every value is a tree of factors, operators relate the axes
 * they read to the axes they write, and unifying all those relations leaves one factor for each
 * thing that can be removed as a whole (a head, a column, a neuron). No block templates; an
 * operator without a rule makes its axes immovable, with that as the reason. Depends on {@code ir},
 * {@code op} and {@code shape}; start at {@link io.gohsp.axis.AxisAnalysis}.
 */
@NullMarked
package io.gohsp.axis;

import org.jspecify.annotations.NullMarked;
