package io.gohsp.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Map;

/**
 * What some shards of the validation samples come to; comes from another process.
 *
 * @param shards sums of each
 * @param corrupt samples that had to be left out, with the reason, by their indices
 */
public record ValidationSums(ArrayList<double[]> shards, Map<Integer, String> corrupt)
    implements Serializable {}
