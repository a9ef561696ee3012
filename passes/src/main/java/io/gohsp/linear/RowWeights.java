package io.gohsp.linear;

import io.gohsp.ir.Value;
import io.gohsp.rewrite.GraphBuilder;
import org.jspecify.annotations.Nullable;

/**
 * By how much a token counts where squared errors of a residual stream are added up: by one over
 * the variance of its channels there. What reads a stream reads it through a norm, which divides by
 * the token's standard deviation, so an error of a long token is a small one behind it. And there
 * are long ones: behind the first MLP of all-MiniLM-L6-v2 the first token of a text varies by 97,
 * the others by 0.08. Counted alike it is nearly all that a layer is cut and corrected by, and
 * hardly anything that the model answers by. [C], ours; docs/METHOD.md section 10.
 *
 * <p>Factors of rows are the roots of that, so that products of two rows have the weight.
 */
final class RowWeights {
  /** Added to variances, as norms do. */
  private static final float EPSILON = 1e-5f;

  private RowWeights() {}

  /**
   * The factors of rows.
   *
   * @param stream [rows, channels] behind the same tokens; null if they count alike
   * @param tokens [rows, 1], 0 for those that do not count; null if all do
   * @param rows [rows, ..], of which there are as many
   * @return [rows, 1] FLOAT
   */
  static Value of(
      GraphBuilder g, @Nullable Value stream, int channels, @Nullable Value tokens, Value rows) {
    Value weights = stream == null ? null : g.div(g.scalar(1), deviation(g, stream, channels));
    if (weights != null && tokens != null) {
      return g.as("weights").mul(weights, tokens);
    }
    if (weights == null && tokens == null) {
      Value nothing = g.reduceSum(g.mul(rows, g.scalar(0)), true, 1);
      return g.as("weights").add(nothing, g.scalar(1));
    }
    return g.as("weights").op("Identity", weights == null ? tokens : weights);
  }

  private static Value deviation(GraphBuilder g, Value stream, int channels) {
    Value number = g.scalar(channels);
    Value central = g.sub(stream, g.div(g.reduceSum(stream, true, 1), number));
    Value variance = g.div(g.reduceSum(g.mul(central, central), true, 1), number);
    return g.op("Sqrt", g.add(variance, g.scalar(EPSILON)));
  }
}
