package io.gohsp.vit;

import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
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

  /**
   * Whether query-key and value columns are one axis, as where one convolution makes queries, keys
   * and values from all of them: what goes of the one goes of the other.
   */
  public boolean columnsAreOneAxis() {
    return qk != null && v != null && (isIn(qk, v) || isIn(v, qk));
  }

  /** Whether removing units of one axis shortens the other. */
  private static boolean isIn(PrunableAxis axis, PrunableAxis other) {
    Factor factor = axis.factor();
    return factor != null && other.layout().factors().anyMatch(f -> f == factor);
  }
}
