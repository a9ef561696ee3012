package io.gohsp.prune;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings declared types in line with the new extents; a declaration that is still right is left as
 * it is. Of a weight that was cut it is left out, since the weight says the same: tools that
 * transpose weights do not bring declarations in line, which goes unnoticed only while a weight is
 * square.
 */
final class DeclaredTypes {
  private final ShapeFacts before;
  private final Function<Value, @Nullable List<Size>> shapes;

  DeclaredTypes(ShapeFacts before, Function<Value, @Nullable List<Size>> shapes) {
    this.before = before;
    this.shapes = shapes;
  }

  void run(Model model) {
    Traversal.graphsWithin(model.graph())
        .flatMap(
            graph ->
                Stream.of(graph.inputs(), graph.outputs(), graph.declared())
                    .flatMap(java.util.Collection::stream))
        .distinct()
        .toList()
        .forEach(this::refresh);
  }

  private void refresh(Value value) {
    List<Size> shape = shapes.apply(value);
    if (!(value.type() instanceof TensorType declared)
        || declared.shape() == null
        || shape == null) {
      return;
    }
    if (shape.size() != declared.shape().size()) {
      value.setType(new TensorType(declared.element(), null)); // was out of date before
      return;
    }
    List<Size> was = before.shape(value);
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.size(); axis++) {
      Size size = shape.get(axis);
      boolean changed = was != null && !size.equals(was.get(axis));
      dims.add(changed ? dim(size) : declared.shape().get(axis));
    }
    if (!dims.equals(declared.shape())) {
      value.setType(new TensorType(declared.element(), dims));
      if (value.constant() != null && !value.isGraphInput() && !value.isGraphOutput()) {
        value.graph().undeclare(value);
      }
    }
  }

  /**
   * A symbol would claim to be equal to other axes of that name, which may have been cut
   * differently.
   */
  private static Dim dim(Size size) {
    return size.isKnown() ? Dim.of(size.value()) : Dim.UNKNOWN;
  }
}
