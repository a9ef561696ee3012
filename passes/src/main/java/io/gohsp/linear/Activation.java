package io.gohsp.linear;

import io.gohsp.ir.Value;

/**
 * What a layer reads: rows of channels, of one row for each token of each sample.
 *
 * @param value of a model's main graph
 * @param channels how many there are, on its last axes
 * @param channelsSecond whether they are axis 1 instead, as convolutions have it
 */
public record Activation(Value value, int channels, boolean channelsSecond) {
  /** The inputs of a layer. */
  public static Activation of(LinearLayer layer) {
    return new Activation(layer.input(), layer.inputs(), layer.channelsSecond());
  }
}
