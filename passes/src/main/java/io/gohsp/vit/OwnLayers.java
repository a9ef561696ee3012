package io.gohsp.vit;

import io.gohsp.axis.Contraction;
import io.gohsp.ir.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The output layers of parts without those that are other parts' own: where weights are tied, each
 * part lists the layers of all.
 */
public final class OwnLayers {
  private final Set<Node> first = new HashSet<>();

  /**
   * @param blocks all of a model
   */
  public OwnLayers(List<Block> blocks) {
    blocks.stream()
        .flatMap(
            block ->
                Stream.concat(
                    block.attention() == null
                        ? Stream.of()
                        : block.attention().outputs().stream().limit(1),
                    block.mlp() == null ? Stream.of() : block.mlp().outputs().stream().limit(1)))
        .forEach(layer -> first.add(layer.node()));
  }

  /**
   * A part's own output layers.
   *
   * @param outputs all that it lists
   */
  public List<Contraction> of(List<Contraction> outputs) {
    return Stream.concat(
            outputs.stream().limit(1),
            outputs.stream().skip(1).filter(layer -> !first.contains(layer.node())))
        .toList();
  }
}
