package io.gohsp.plan;

import io.gohsp.stream.Directions;

/**
 * What stays of a residual stream: in how many channels it is written, and which directions they
 * hold.
 *
 * @param stream its name, "stream 0"
 * @param width channels before
 * @param kept channels afterwards: as many as directions, and one more where norms take the mean
 *     off
 * @param directions of the stream as the model has it
 */
public record StreamPlan(String stream, int width, int kept, Directions directions) {}
