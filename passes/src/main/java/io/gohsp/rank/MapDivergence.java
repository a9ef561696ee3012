package io.gohsp.rank;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Value;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import java.util.List;

/**
 * {@code S_ij = 1 - JSD(A_i, A_j) / ln 2}, averaged over query rows.
 *
 * <p>Rows {@code a} and {@code b} that each sum to one have, with {@code f(x) = sum x ln x},
 *
 * <pre>{@code 1 - JSD(a, b) / ln 2 = (f(a + b) - f(a) - f(b)) / (2 ln 2)}</pre>
 *
 * so a pair costs two copies, one addition, one logarithm, one product and one sum per element. All
 * pairs are written together: to write those of each head apart would save a copy, but adds half a
 * dozen nodes for each head, and where few rows are compared sessions are then longer in the making
 * than in the running. Zeros become 1e-30, which a probability above 1e-22 does not feel, so that
 * {@code 0 ln 0} is zero.
 */
final class MapDivergence {
  private static final float TINY = 1e-30f;

  /** Below any score that leaves a probability, unless all of a row's scores are below it. */
  private static final float LOWEST = -10_000;

  private MapDivergence() {}

  /** All pairs of different heads, in the order (0,1), (0,2) … (1,2) …. */
  private static final class Pairs {
    /** The first head of each. */
    final long[] left;

    /** The second head of each. */
    final long[] right;

    /** Where in that order each pair is; on the diagonal the number of pairs. */
    final long[][] place;

    Pairs(int heads) {
      int pairs = heads * (heads - 1) / 2;
      left = new long[pairs];
      right = new long[pairs];
      place = new long[heads][heads];
      int pair = 0;
      for (int i = 0; i < heads; i++) {
        place[i][i] = pairs;
        for (int j = i + 1; j < heads; j++) {
          left[pair] = i;
          right[pair] = j;
          place[i][j] = pair;
          place[j][i] = pair++;
        }
      }
    }
  }

  /** Similarities of the heads of a site, [images, heads, heads]. */
  static Value write(AttentionSite site, Instrument instrument) {
    Instrument.Maps maps = instrument.maps(site);
    GraphBuilder g = instrument.build();
    ElementType type = instrument.type(maps.maps());
    Value a = g.add(maps.maps(), g.scalar(type, TINY));
    Pairs all = new Pairs(site.headCount());
    Value both = g.add(gather(a, g.longs(all.left), g), gather(a, g.longs(all.right), g));
    Value rows =
        g.concat(1, xLogX(both, g), own(a, maps, type, g)); // [groups, pairs + heads, queries]
    int each = all.left.length + site.headCount();
    Value means = instrument.meanOverRows(rows, each, maps); // [images, pairs + heads]
    return matrix(means, all, type, instrument);
  }

  /**
   * {@code f} of each head. With the scores s at hand no logarithm is needed: {@code ln a = s - z}
   * for one z per row, so {@code f(a) = sum a s - z}, and the row's largest elements tell z. Scores
   * of masked keys are raised to a finite number; their probability is zero.
   */
  private static Value own(Value a, Instrument.Maps maps, ElementType type, GraphBuilder g) {
    if (maps.scores() == null) {
      return xLogX(a, g);
    }
    Value scores = g.op("Clip", maps.scores(), g.scalar(type, LOWEST));
    Value z = g.sub(largest(scores, g), g.op("Log", largest(a, g)));
    return g.sub(g.reduceSum(g.mul(a, scores), false, -1), z);
  }

  private static Value largest(Value x, GraphBuilder g) {
    return g.op("ReduceMax", List.of(Attribute.of("keepdims", 0L)), x, g.longs(-1));
  }

  private static Value slice(Value x, long from, long to, GraphBuilder g) {
    return g.op("Slice", x, g.longs(from), g.longs(to), g.longs(1));
  }

  /** {@code sum x ln x} along the last axis. */
  private static Value xLogX(Value x, GraphBuilder g) {
    return g.reduceSum(g.mul(x, g.op("Log", x)), false, -1);
  }

  /** Pairs, then single heads, to a symmetric matrix. */
  private static Value matrix(Value means, Pairs all, ElementType type, Instrument instrument) {
    GraphBuilder g = instrument.build();
    int pairs = all.left.length;
    Value joint = slice(means, 0, pairs, g);
    Value alone = slice(means, pairs, Long.MAX_VALUE, g);
    Value apart = g.add(gather(alone, g.longs(all.left), g), gather(alone, g.longs(all.right), g));
    Value scaled = g.mul(g.sub(joint, apart), g.scalar(type, (float) (1 / (2 * Math.log(2)))));
    Value bounded = g.op("Clip", scaled, g.scalar(type, 0), g.scalar(type, 1));
    Value withOne = g.op("Pad", bounded, g.longs(0, 0, 0, 1), g.scalar(type, 1));
    return gather(withOne, instrument.table(all.place), g);
  }

  private static Value gather(Value x, Value indices, GraphBuilder g) {
    return g.op("Gather", List.of(Attribute.of("axis", 1L)), x, indices);
  }
}
