package io.gohsp.vit;

import io.gohsp.axis.Contraction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attention of a block.
 *
 * @param heads the heads; null if there is a single one, which no axis tells apart
 * @param qk the columns of a head that queries and keys are compared in; null if no such axis was
 *     found
 * @param v the columns of a head's values; null if the axis could not be told
 * @param scores where queries meet keys: all products that add up over the query-key columns
 * @param outputs the output projection: all layers that add up over heads and value columns
 *     (several where weights are tied), the first being this block's own
 */
public record AttentionPart(
    @Nullable PrunableAxis heads,
    @Nullable PrunableAxis qk,
    @Nullable PrunableAxis v,
    List<Contraction> scores,
    List<Contraction> outputs) {
  public AttentionPart {
    scores = List.copyOf(scores);
    outputs = List.copyOf(outputs);
  }

  public int headCount() {
    return heads == null ? 1 : heads.size();
  }
}
