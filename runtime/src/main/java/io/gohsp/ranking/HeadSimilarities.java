package io.gohsp.ranking;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How similar the heads of each block are, averaged over samples.
 *
 * @param samples how many were averaged over
 * @param byBlock S of each block with attention, [heads][heads], symmetric; in the order of the
 *     graph
 */
public record HeadSimilarities(int samples, Map<String, double[][]> byBlock) {
  public HeadSimilarities {
    byBlock = Collections.unmodifiableMap(new LinkedHashMap<>(byBlock));
  }
}
