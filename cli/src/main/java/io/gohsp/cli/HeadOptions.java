package io.gohsp.cli;

import io.gohsp.plan.InvalidOption;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How heads are compared and ordered. What is not given is the command's to say. */
final class HeadOptions {
  @Option(
      names = "--similarity",
      paramLabel = "WHAT",
      description = {
        "attention: what heads attend to (default);",
        "output: what they return;",
        "contribution: what they add to the stream."
      })
  private @Nullable String similarity;

  @Option(
      names = "--ranking",
      paramLabel = "HOW",
      description = {
        "graph: by the stationary distribution (default of rank);",
        "mmr: by weights (in prune, where it is the default, by what the loss depends on), less the",
        "similarity to heads that are kept already;",
        "taylor: by what the loss depends on (prune only);",
        "magnitude: by weights; random: by chance."
      })
  private @Nullable String ranking;

  @Option(
      names = "--remove",
      paramLabel = "END",
      description = "Which end of the ranking goes first: lowest (default) or highest.")
  private @Nullable String remove;

  @Option(
      names = "--beta",
      paramLabel = "B",
      description = "How much a duplicate loses, for mmr (default: 1).")
  private @Nullable Double beta;

  @Option(
      names = "--damping",
      paramLabel = "A",
      description =
          "Share of steps that follow the graph, others jump, for graph (default: 1, all).")
  private @Nullable Double damping;

  @Option(
      names = "--no-self-loops",
      description =
          "Heads are not similar to themselves, for graph; the chain is the lazy one then.")
  private boolean noSelfLoops;

  /** Whether any of these was given. */
  boolean isGiven() {
    return Stream.of(similarity, ranking, remove, beta, damping).anyMatch(Objects::nonNull)
        || noSelfLoops;
  }

  Similarity similarity(Similarity base) {
    return similarity == null ? base : Similarity.named(similarity);
  }

  MarkovChain.Options chains(MarkovChain.Options base) {
    double share = damping == null ? base.damping() : damping;
    if (!(share > 0 && share <= 1)) {
      throw new UsageError("--damping " + share + " is no share; give more than 0 and up to 1");
    }
    return new MarkovChain.Options(share, base.selfLoops() && !noSelfLoops);
  }

  /**
   * @param base what was not given
   * @param seed of the random order
   */
  HeadRanking.Options ranking(HeadRanking.Options base, long seed) {
    double weight = beta == null ? base.beta() : beta;
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new UsageError("--beta " + weight + " is no weight; give 0 or more");
    }
    return new HeadRanking.Options(
        ranking == null ? base.by() : HeadOrder.named(ranking),
        remove == null ? base.removeHighest() : removesHighest(remove),
        weight,
        seed);
  }

  private static boolean removesHighest(String end) {
    return switch (end.toLowerCase(Locale.ROOT)) {
      case "lowest" -> false;
      case "highest" -> true;
      default ->
          throw new InvalidOption("--remove \"" + end + "\" is unknown; choose lowest or highest");
    };
  }
}
