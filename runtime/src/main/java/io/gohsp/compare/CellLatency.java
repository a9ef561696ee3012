package io.gohsp.compare;

import io.gohsp.bench.Latency;

/**
 * How long the first seed's model of a method and budget takes.
 *
 * @param method its name
 * @param budget how much was to stay
 * @param seed whose model was measured
 * @param modelSha256 which model that was
 * @param conditions device, threads and batch
 * @param dense the original in the same rounds
 * @param pruned the model; its ratio is to the original
 */
public record CellLatency(
    String method,
    String budget,
    long seed,
    String modelSha256,
    String conditions,
    Latency dense,
    Latency pruned) {}
