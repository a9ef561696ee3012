package io.gohsp.linear;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import org.jspecify.annotations.Nullable;

/**
 * What a layer reads: rows of channels, of one row for each token of each sample.
 *
 * @param value of a model's main graph
 * @param channels how many there are, on its last axes
 * @param channelsSecond whether they are axis 1 instead, as convolutions have it
 * @param stream what says how much each row counts ({@link RowWeights}), with the channels where
 *     {@code value} has them; null if all count alike
 */
public record Activation(
    Value value, int channels, boolean channelsSecond, @Nullable Activation stream) {
  /** Of which all rows count alike. */
  public Activation(Value value, int channels, boolean channelsSecond) {
    this(value, channels, channelsSecond, null);
  }

  /** The inputs of a layer. */
  public static Activation of(LinearLayer layer) {
    return new Activation(layer.input(), layer.inputs(), layer.channelsSecond());
  }

  /**
   * Likewise, each row counting as much as it does in the stream that the layer adds to.
   *
   * @param facts of the layer's model
   */
  public static Activation weighted(Model model, LinearLayer layer, ShapeFacts facts) {
    Value behind = ErrorGraph.compared(layer, facts, model);
    return new Activation(
        layer.input(),
        layer.inputs(),
        layer.channelsSecond(),
        behind == layer.output()
            ? null
            : new Activation(behind, layer.outputs(), layer.channelsSecond()));
  }
}
