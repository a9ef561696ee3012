package io.gohsp.train;

import org.jspecify.annotations.Nullable;

/**
 * What an epoch came to.
 *
 * @param epoch from 1
 * @param step updates made so far
 * @param rate learning rate of the last update
 * @param loss mean over the epoch's batches, as it was minimised
 * @param accuracy share of training samples, as augmented, whose highest score was the label's; NaN
 *     without labels or class scores
 * @param validation null if there is nothing to validate on
 * @param best whether no epoch before was better
 */
public record EpochReport(
    int epoch,
    long step,
    double rate,
    double loss,
    double accuracy,
    @Nullable Evaluation validation,
    boolean best) {}
