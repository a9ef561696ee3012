package io.gohsp.rank;

import io.gohsp.plan.InvalidOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** By what heads are ordered. */
public enum HeadOrder {
  /** The stationary distribution of the head graph, which the source states. */
  GRAPH,

  /**
   * Greedily the head with the largest {@code score - beta * max similarity to one that is kept}:
   * what matters and is not there yet. Our choice.
   */
  MMR,

  /** The weights alone. */
  MAGNITUDE,

  /** What the loss would change by, to first order. */
  TAYLOR,

  /** Chance, for comparison. */
  RANDOM;

  /** What the command line calls it. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it needs the similarities of heads. */
  public boolean needsSimilarity() {
    return this == GRAPH || this == MMR;
  }

  /** Whether it needs a score for each head from elsewhere. */
  public boolean needsScores() {
    return this == MMR || this == MAGNITUDE || this == TAYLOR;
  }

  /**
   * The order of that name.
   *
   * @throws InvalidOption if there is none
   */
  public static HeadOrder named(String name) {
    return Arrays.stream(values())
        .filter(order -> order.id().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidOption(
                    "--ranking \""
                        + name
                        + "\" is unknown; choose "
                        + Arrays.stream(values())
                            .map(HeadOrder::id)
                            .collect(Collectors.joining(", "))));
  }

  static List<Integer> descending(double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(h -> scores[h]).reversed().thenComparing(h -> h))
        .toList();
  }
}
