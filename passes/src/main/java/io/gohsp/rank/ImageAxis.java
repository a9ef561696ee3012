package io.gohsp.rank;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The axis along which the samples of a batch lie: the first one of the model's inputs.
 *
 * @param input the first input that has axes
 * @param size how many samples a run takes
 * @param layout as the analysis knows it; null if it does not
 */
record ImageAxis(Value input, Size size, @Nullable AxisLayout layout) {
  static ImageAxis of(Model model, ShapeFacts facts, io.gohsp.axis.AxisAnalysis analysis) {
    for (Value input : model.graph().inputs()) {
      List<Size> shape = facts.shape(input);
      if (input.constant() == null
          && input.type() instanceof ValueType.TensorType
          && shape != null
          && !shape.isEmpty()) {
        List<AxisLayout> axes = analysis.layout(input);
        return new ImageAxis(input, shape.get(0), axes == null ? null : axes.get(0));
      }
    }
    throw new ModelException.Unsupported(
        Location.of(model),
        "no input has a batch axis, so samples cannot be told apart",
        "export the model with inputs of known rank");
  }

  /** Whether this is the part of the axis that varies slowest. */
  boolean leads(AxisLayout axis) {
    return size.is(1) || is(axis instanceof AxisLayout.Product p ? end(p, true) : axis);
  }

  /** Whether this is the part of the axis that varies fastest. */
  boolean trails(AxisLayout axis) {
    return is(axis instanceof AxisLayout.Product p ? end(p, false) : axis);
  }

  private static AxisLayout end(AxisLayout.Product product, boolean first) {
    List<AxisLayout> parts = product.parts();
    return parts.isEmpty() ? product : parts.get(first ? 0 : parts.size() - 1);
  }

  private boolean is(AxisLayout part) {
    return part.equals(layout) || part.size().equals(size);
  }

  /** How many samples this run has, [1]. */
  Value count(GraphBuilder g) {
    return g.op("Shape", Extents.between(0, 1), input);
  }
}
