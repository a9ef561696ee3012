package io.gohsp.gate;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.vit.AttentionPart;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The contractions in front of which a block's heads, columns and neurons are gated. */
public final class GatePlaces {
  private GatePlaces() {}

  /**
   * For query-key columns and neurons: everything that adds up over them; products, but also the
   * norms of cosine attention.
   */
  public static List<Contraction> over(AxisAnalysis analysis, Collection<Factor> removed) {
    return analysis.contractions().stream()
        .filter(contraction -> touches(contraction.reduced(), removed))
        .toList();
  }

  /**
   * For heads and value columns: the output projection, what else adds up over values, plain sums
   * over heads, and layers that read heads with their columns. Layers that mix heads (talking
   * heads) are not among them: the heads they read are queries' and keys'.
   *
   * @param removed factors of the attention's heads, of its values, or both
   */
  public static List<Contraction> headsAndValues(
      AxisAnalysis analysis, AttentionPart attention, Collection<Factor> removed) {
    Set<Factor> values = new HashSet<>(removed);
    if (attention.v() != null) {
      values.retainAll(attention.v().layout().factors().toList());
    }
    Stream<Contraction> others =
        over(analysis, removed).stream()
            .filter(contraction -> !attention.outputs().contains(contraction))
            .filter(
                contraction ->
                    contraction.kind() == Contraction.Kind.SUM
                        || contraction.reduced() instanceof AxisLayout.Product
                        || touches(contraction.reduced(), values));
    return Stream.concat(attention.outputs().stream(), others).toList();
  }

  private static boolean touches(AxisLayout layout, Collection<Factor> factors) {
    return layout.factors().anyMatch(factors::contains);
  }
}
