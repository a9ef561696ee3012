/**
 * From a goal and samples to a plan: how much is to stay, what calibration samples say about it,
 * and the plan that reaches the one by the other. Depends on selection, tables and latency; start
 * at {@link io.gohsp.study.Goal} and {@link io.gohsp.study.Study}.
 */
@NullMarked
package io.gohsp.study;

import org.jspecify.annotations.NullMarked;
