package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Fixed;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Heads of which a plain sum is taken where queries or keys still have their columns: a norm of
 * keys across heads for example, written out. What such a sum becomes goes into all heads, so that
 * one head less changes the others.
 */
final class HeadsAddedUp {
  private HeadsAddedUp() {}

  /**
   * The axis of heads, kept whole if there is such a sum.
   *
   * @param columns of queries and keys
   */
  static PrunableAxis bound(PrunableAxis heads, AxisLayout columns, AxisAnalysis analysis) {
    Set<Object> own = heads.layout().factors().collect(Collectors.toSet());
    Set<Object> queries = columns.factors().collect(Collectors.toSet());
    return analysis.contractions().stream()
        .filter(sum -> sum.kind() == Contraction.Kind.SUM)
        .filter(sum -> sum.reduced().factors().anyMatch(own::contains))
        .filter(sum -> factors(sum, analysis).anyMatch(queries::contains))
        .findFirst()
        .map(
            sum ->
                new PrunableAxis(
                    heads.layout(),
                    heads.factor(),
                    heads.dependsOn(),
                    new Fixed(
                        sum.node(),
                        "is added up by "
                            + sum.node().op().type()
                            + " in front of the scores: removing a head would change the others")))
        .orElse(heads);
  }

  private static Stream<Object> factors(Contraction sum, AxisAnalysis analysis) {
    return sum.gates().stream()
        .flatMap(
            value -> {
              var layouts = analysis.layout(value);
              return layouts == null ? Stream.empty() : layouts.stream();
            })
        .flatMap(AxisLayout::factors);
  }
}
