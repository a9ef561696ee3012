package io.gohsp.verify;

import io.gohsp.ort.HostTensor;
import java.util.Map;

/**
 * Samples that somebody has, as a model takes them.
 *
 * @param inputs a tensor for each of its inputs
 * @param count how many samples these hold
 */
public record GivenSamples(Map<String, HostTensor> inputs, int count) {}
