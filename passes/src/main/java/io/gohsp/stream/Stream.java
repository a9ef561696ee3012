package io.gohsp.stream;

import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import org.jspecify.annotations.Nullable;

/**
 * A residual stream: channels that blocks add to and norms read; or those of embedding tables, that
 * a norm reads before any block adds to them.
 *
 * @param name "stream 0", "stream 1" … in the order of the graph; "embeddings" where no block
 *     writes it, and "embeddings 1" … should there be more of these
 * @param factor its channels
 * @param embeddings whether embedding tables write it and no block does
 * @param centred whether its norms take the mean off
 * @param layers whether a narrower one takes layers of its own where it begins or ends
 * @param obstacle why it cannot be written in fewer channels; null if it can
 */
public record Stream(
    String name,
    Factor factor,
    boolean embeddings,
    boolean centred,
    boolean layers,
    @Nullable Fixed obstacle) {
  /** Channels. */
  public int width() {
    return factor.count();
  }

  /** How many channels it takes to hold so many directions. */
  public int width(int directions) {
    return Frame.width(directions, centred);
  }

  /** How many directions so many channels hold. */
  public int directions(int channels) {
    return channels - (centred ? 1 : 0);
  }
}
