package io.gohsp.linear;

import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bias of one layer: an operand of the layer itself, or of the node right behind it.
 *
 * @param reader the node that adds it
 * @param index which of its inputs
 */
record StoredBias(Node reader, int index) {
  private static final int SKIP_LAYER_NORM_BIAS = 4;

  /**
   * Finds the bias; null if there is none that could be changed.
   *
   * @param own which input of the layer is its bias; -1 if the operator has no such input
   * @param channelsFromEnd how many axes follow that of the channels
   */
  static @Nullable StoredBias of(Node layer, int own, int channelsFromEnd, int channels) {
    if (own >= 0 && layer.optionalInput(own) != null) {
      return checked(layer, own, 0, channels);
    }
    Value out = layer.output();
    if (out.uses().size() != 1 || out.isGraphOutput()) {
      return null;
    }
    Use use = out.uses().get(0);
    if (use.node().is("Add")) {
      return checked(use.node(), 1 - use.index(), channelsFromEnd, channels);
    }
    boolean skips =
        use.node().op().type().equals("SkipLayerNormalization")
            && use.index() < 2
            && use.node().optionalInput(SKIP_LAYER_NORM_BIAS) != null;
    return skips ? checked(use.node(), SKIP_LAYER_NORM_BIAS, 0, channels) : null;
  }

  private static @Nullable StoredBias checked(
      Node reader, int index, int channelsFromEnd, int channels) {
    Tensor tensor = ConstantValue.of(reader.input(index));
    boolean fits =
        tensor != null
            && tensor.type().isFloating()
            && tensor.size() == channels
            && tensor.rank() > channelsFromEnd
            && tensor.dim(tensor.rank() - 1 - channelsFromEnd) == channels;
    return fits ? new StoredBias(reader, index) : null;
  }

  /** Adds one number for each channel. Other readers of the same constant keep what they have. */
  void add(double[] deltas) {
    Value operand = reader.input(index);
    Tensor old = Objects.requireNonNull(ConstantValue.of(operand));
    float[] numbers = old.floats();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] += (float) deltas[i];
    }
    Tensor changed = Tensor.ofFloats(old.type(), old.dims(), numbers);
    if (operand.uses().size() == 1 && !operand.isGraphOutput()) {
      ConstantValue.replace(operand, changed);
      return;
    }
    String name = reader.graph().model().names().fresh(operand.name() + "_recovered");
    reader.setInput(index, reader.graph().addInitializer(name, changed));
  }
}
