package io.gohsp.linear;

import io.gohsp.ir.Value;
import io.gohsp.rewrite.GraphBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Some of many rows, spread evenly: of each stretch of so many rows one, at a place within it that
 * jumps about, so that no pattern in the order of tokens is met again and again. The same rows
 * every time.
 *
 * <p>What {@code n} inputs of a layer come to from R rows is off by about {@code n / R} of what it
 * leaves unexplained (the mean excess of least squares on independent rows; the tokens of a sample
 * are alike, so leaving some of them out costs less than leaving out samples), so that {@link
 * #enough} rows cost 1/16 of that.
 */
public final class SampledRows {
  /** Rows for each input. */
  private static final int PER_INPUT = 16;

  /** Of narrow layers more, which cost little. */
  private static final int NARROW = 1024;

  /** Since which Max and Mod take whole numbers. */
  private static final int OPERATOR_SET = 13;

  // Two primes: multiples of the one modulo the other look random.
  private static final long FACTOR = 7919;
  private static final long MODULUS = 104_729;

  private final GraphBuilder g;
  private final @Nullable Value indices;

  /**
   * @param rows [rows, ..] that tells how many there are
   * @param most about how many of them are taken; all where there are fewer than twice as many, or
   *     the model's operator set cannot say which
   */
  SampledRows(GraphBuilder g, Value rows, long most) {
    this.g = g;
    this.indices = g.graph().model().opset() < OPERATOR_SET ? null : indices(rows, most);
  }

  /** How many rows are enough for the statistics of a layer with so many inputs, in each run. */
  static long enough(int inputs, int runs) {
    return Math.max(1, (long) PER_INPUT * Math.max(inputs, NARROW) / runs);
  }

  private Value indices(Value rows, long most) {
    Value all = g.gather(g.op("Shape", rows), 0, 0);
    Value one = g.squeeze(g.longs(1), 0);
    Value step = g.op("Max", g.div(all, g.squeeze(g.longs(most), 0)), one);
    Value zero = g.squeeze(g.longs(0), 0);
    Value stretch = g.op("Range", zero, g.div(all, step), one);
    Value random = g.op("Mod", g.mul(stretch, g.longs(FACTOR)), g.longs(MODULUS));
    return g.add(g.mul(stretch, step), g.op("Mod", random, step));
  }

  /** Those of them that are taken. */
  Value of(Value rows) {
    return indices == null ? rows : g.op("Gather", rows, indices);
  }
}
