package io.gohsp.rank;

import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The heads of one block in the order in which they matter.
 *
 * @param block its name
 * @param order the head that is kept longest first; of equal heads the one with the lower index
 * @param scores of each head, from 0: the higher, the longer it is kept; comparable between blocks,
 *     with a mean of about one
 */
@SuppressWarnings("ArrayRecordComponent") // numbers; not compared as a whole
public record HeadRanking(String block, List<Integer> order, double[] scores) {
  public HeadRanking {
    order = List.copyOf(order);
  }

  /**
   * How a ranking is made.
   *
   * @param by what orders heads
   * @param removeHighest whether the head that is most like the others goes first. The source says
   *     that the least important heads go, but not which end of the distribution that is: a high
   *     entry means "most like the others", so removing the lowest removes the distinctive heads
   *     and keeps duplicates. Of the other orders it turns the end likewise
   * @param beta of {@link HeadOrder#MMR}: how much a duplicate loses
   * @param seed of {@link HeadOrder#RANDOM}
   */
  public record Options(HeadOrder by, boolean removeHighest, double beta, long seed) {
    /** The head graph, the lowest goes first. */
    public static final Options DEFAULT = new Options(HeadOrder.GRAPH, false, 1, 0);

    public Options {
      if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("beta is " + beta + ", not a number from 0");
      }
    }
  }

  /**
   * Ranks the heads of a block.
   *
   * @param similarity S; null if {@code options} need none
   * @param chain of S; null if {@code options} need none
   * @param scores of each head from elsewhere, from 0; null if {@code options} need none
   * @param number of the block, for chance
   * @throws IllegalArgumentException if something needed is missing
   */
  public static HeadRanking of(
      String block,
      int number,
      int heads,
      double @Nullable [][] similarity,
      @Nullable MarkovChain chain,
      double @Nullable [] scores,
      Options options) {
    double[] values =
        switch (options.by()) {
          case GRAPH -> present(chain, "a chain").stationary().clone();
          case MAGNITUDE, TAYLOR -> present(scores, "scores").clone();
          case RANDOM -> random(heads, options.seed(), number);
          case MMR ->
              places(
                  marginal(
                      present(similarity, "similarities"),
                      normalized(present(scores, "scores")),
                      options.beta()));
        };
    values = normalized(values);
    if (options.removeHighest()) {
      double most = Arrays.stream(values).max().orElse(0);
      values = normalized(Arrays.stream(values).map(value -> most - value).toArray());
    }
    return new HeadRanking(block, HeadOrder.descending(values), values);
  }

  private static <T> T present(@Nullable T value, String what) {
    if (value == null) {
      throw new IllegalArgumentException("this ranking needs " + what);
    }
    return value;
  }

  /** Scaled to a mean of one; all one if all are zero. */
  private static double[] normalized(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    return Arrays.stream(values).map(value -> mean == 0 ? 1 : value / mean).toArray();
  }

  private static double[] random(int heads, long seed, int number) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + number);
    return random.doubles(heads).toArray();
  }

  /** The heads in the order in which they are taken, the best first. */
  static List<Integer> marginal(double[][] s, double[] scores, double beta) {
    List<Integer> taken = new ArrayList<>();
    while (taken.size() < scores.length) {
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int h = 0; h < scores.length; h++) {
        int head = h;
        double nearest = taken.stream().mapToDouble(k -> s[head][k]).max().orElse(0);
        double gain = scores[h] - beta * nearest;
        if (!taken.contains(h) && gain > most) {
          most = gain;
          best = h;
        }
      }
      taken.add(best);
    }
    return taken;
  }

  /** A score for each head that gives this order back. */
  private static double[] places(List<Integer> order) {
    double[] scores = new double[order.size()];
    for (int place = 0; place < scores.length; place++) {
      scores[order.get(place)] = scores.length - place;
    }
    return scores;
  }

  /**
   * Puts the scores of rankings in place of the head scores of an importance, so that a plan
   * follows them.
   *
   * @param blocks the model's, in the order of {@code base}
   * @param rankings for any of the blocks
   * @throws IllegalArgumentException if a ranking is for no block, or for another number of heads
   */
  public static Importance applied(
      Importance base, List<Block> blocks, List<HeadRanking> rankings) {
    Map<String, HeadRanking> byBlock = new LinkedHashMap<>();
    rankings.forEach(ranking -> byBlock.put(ranking.block(), ranking));
    List<Scores> all = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      Scores scores = base.blocks().get(i);
      HeadRanking ranking = byBlock.remove(blocks.get(i).name());
      if (ranking != null && ranking.scores().length != scores.heads().length) {
        throw new IllegalArgumentException(
            ranking.block()
                + " has "
                + scores.heads().length
                + " heads, not "
                + ranking.scores().length);
      }
      all.add(
          ranking == null
              ? scores
              : new Scores(ranking.scores(), scores.qk(), scores.v(), scores.neurons()));
    }
    if (!byBlock.isEmpty()) {
      throw new IllegalArgumentException("no such block: " + byBlock.keySet());
    }
    return new Importance(all);
  }
}
