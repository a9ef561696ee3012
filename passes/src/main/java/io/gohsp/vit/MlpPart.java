package io.gohsp.vit;

import io.gohsp.axis.Contraction;
import java.util.List;

/**
 * The MLP of a block.
 *
 * @param neurons its hidden units; in a gated MLP a unit of both halves
 * @param outputs the second linear layer, which adds up over them (several where weights are tied),
 *     the first being this block's own
 */
public record MlpPart(PrunableAxis neurons, List<Contraction> outputs) {
  public MlpPart {
    outputs = List.copyOf(outputs);
  }
}
