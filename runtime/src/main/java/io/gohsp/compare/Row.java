package io.gohsp.compare;

import org.jspecify.annotations.Nullable;

/**
 * A method at a budget, over seeds.
 *
 * @param method its name
 * @param budget how much was to stay; null for the control
 * @param accuracy of the results; NaN without class scores
 * @param loss of the results
 * @param atCut accuracy right after the cut, before closed-form correction and fine-tuning
 * @param agreement share of samples of which result and original say the same; NaN without class
 *     scores
 * @param difference of accuracy, or of loss where there is none, to the control of the same seed
 * @param params of the results, on average
 * @param macs likewise
 * @param steps updates, the same in all runs
 * @param latency of the first seed's model; null if it was not measured
 */
public record Row(
    String method,
    @Nullable String budget,
    Spread accuracy,
    Spread loss,
    Spread atCut,
    Spread agreement,
    Spread difference,
    double params,
    double macs,
    double steps,
    @Nullable CellLatency latency) {}
