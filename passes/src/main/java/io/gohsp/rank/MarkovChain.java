package io.gohsp.rank;

import java.util.Arrays;

/**
 * A random walk over the heads of a block. The source states that the similarity graph becomes a
 * Markov chain and that a head's importance is its entry in the stationary distribution; the
 * formulas are our choice.
 *
 * <p>{@code P_ij = S_ij / sum_k S_ik}. Without self-loops the diagonal of S counts as zero and the
 * chain is the lazy one, {@code (I + P) / 2}, which has the same stationary distribution and is
 * never periodic. Damping a mixes in jumps: {@code P' = a P + (1 - a) / H}. A head that is similar
 * to nothing stays where it is.
 *
 * <p>With a symmetric S and no damping {@code pi_i = degree_i / sum of degrees} wherever the graph
 * is connected; in a graph of several components each keeps the share of heads it has.
 *
 * @param transition P, [heads][heads]; rows add up to one
 * @param stationary pi, [heads]; adds up to one
 * @param steps of the power iteration that were needed
 */
@SuppressWarnings("ArrayRecordComponent") // numbers; not compared as a whole
public record MarkovChain(double[][] transition, double[] stationary, int steps) {
  /** The iteration ends when a step changes less, in the sum of absolute values. */
  static final double CONVERGED = 1e-12;

  static final int MOST_STEPS = 10_000;

  /** As many squarings walk 2^50 steps. */
  private static final int SQUARINGS = 50;

  /**
   * How similarities become a chain.
   *
   * @param damping a, over 0 and up to 1, which is none
   * @param selfLoops whether a head is similar to itself
   */
  public record Options(double damping, boolean selfLoops) {
    /** Self-loops, no damping. */
    public static final Options DEFAULT = new Options(1, true);

    public Options {
      if (!(damping > 0 && damping <= 1)) {
        throw new IllegalArgumentException("damping " + damping + " is not over 0 and up to 1");
      }
    }
  }

  /**
   * The chain of a similarity graph.
   *
   * @param similarity [heads][heads], symmetric, finite, not negative
   * @throws IllegalArgumentException if it is not
   */
  public static MarkovChain of(double[][] similarity, Options options) {
    requireGraph(similarity);
    double[][] p = transition(similarity, options);
    int heads = p.length;
    double[] pi = new double[heads];
    Arrays.fill(pi, 1.0 / heads);
    for (int step = 1; step <= MOST_STEPS; step++) {
      double[] next = step(pi, p);
      double change = distance(pi, next);
      pi = next;
      if (change < CONVERGED) {
        return new MarkovChain(p, pi, step);
      }
    }
    return new MarkovChain(p, step(pi, limit(p)), MOST_STEPS);
  }

  private static void requireGraph(double[][] s) {
    for (int i = 0; i < s.length; i++) {
      for (int j = 0; j < s.length; j++) {
        if (s[i].length != s.length
            || !(s[i][j] >= 0 && s[i][j] < Double.POSITIVE_INFINITY)
            || s[i][j] != s[j][i]) {
          throw new IllegalArgumentException(
              "not a symmetric matrix of numbers from 0: " + Arrays.deepToString(s));
        }
      }
    }
    if (s.length == 0) {
      throw new IllegalArgumentException("no heads");
    }
  }

  private static double[][] transition(double[][] s, Options options) {
    int heads = s.length;
    double[][] p = new double[heads][heads];
    for (int i = 0; i < heads; i++) {
      double scale = 0; // sums of tiny or huge numbers neither vanish nor overflow
      for (int j = 0; j < heads; j++) {
        p[i][j] = i == j && !options.selfLoops() ? 0 : s[i][j];
        scale = Math.max(scale, p[i][j]);
      }
      double sum = 0;
      for (int j = 0; j < heads; j++) {
        p[i][j] = scale == 0 ? (i == j ? 1 : 0) : p[i][j] / scale;
        sum += p[i][j];
      }
      for (int j = 0; j < heads; j++) {
        double move = p[i][j] / sum;
        double lazy = options.selfLoops() ? move : (move + (i == j ? 1 : 0)) / 2;
        p[i][j] = options.damping() * lazy + (1 - options.damping()) / heads;
      }
    }
    return p;
  }

  /** pi P, rounded so that it adds up to one. */
  private static double[] step(double[] pi, double[][] p) {
    double[] next = new double[pi.length];
    for (int i = 0; i < pi.length; i++) {
      for (int j = 0; j < pi.length; j++) {
        next[j] += pi[i] * p[i][j];
      }
    }
    normalize(next);
    return next;
  }

  private static void normalize(double[] shares) {
    double sum = Arrays.stream(shares).sum();
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= sum;
    }
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs(a[i] - b[i]);
    }
    return sum;
  }

  /**
   * Where walks end that the iteration cannot follow: periodic ones, and those between groups that
   * are hardly connected. Powers of the lazy chain, which converge always, by squaring.
   */
  private static double[][] limit(double[][] p) {
    int heads = p.length;
    double[][] power = new double[heads][heads];
    for (int i = 0; i < heads; i++) {
      for (int j = 0; j < heads; j++) {
        power[i][j] = (p[i][j] + (i == j ? 1 : 0)) / 2;
      }
    }
    for (int round = 0; round < SQUARINGS; round++) {
      double[][] square = new double[heads][];
      for (int i = 0; i < heads; i++) {
        square[i] = step(power[i], power);
      }
      power = square;
    }
    return power;
  }
}
