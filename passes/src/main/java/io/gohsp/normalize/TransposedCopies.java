package io.gohsp.normalize;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ties again what an exporter has untied: where it folds constants, it stores a weight that is read
 * as it is in one place and transposed in another, an embedding that is the head as well, as two
 * tensors. By the rule of {@link SeparateParameters} that parameters do not have the same random or
 * trained numbers by chance, a matrix that holds those of another one, transposed, is that other
 * one.
 */
public final class TransposedCopies {
  private TransposedCopies() {}

  /**
   * Replaces each such copy by a Transpose of the matrix that comes first in the file, in place.
   * Idempotent; names depend on the model alone.
   */
  public static void tie(Model model) {
    Graph graph = model.graph();
    copies(model)
        .forEach(
            (copy, matrix) -> {
              Value tied =
                  graph
                      .insertBefore(
                          graph.nodes().get(0),
                          OpId.of("Transpose"),
                          matrix.name() + "_transposed",
                          matrix)
                      .output();
              for (Use use : List.copyOf(copy.uses())) {
                use.replaceWith(tied);
              }
              graph.removeInitializer(copy);
            });
  }

  /** Each copy with the matrix that it is a copy of, in the order of the file. */
  public static Map<Value, Value> copies(Model model) {
    Map<Value, Value> copies = new LinkedHashMap<>();
    Map<List<Long>, List<Value>> before = new LinkedHashMap<>();
    for (Value value : model.graph().initializers()) {
      Tensor tensor = value.constant();
      if (tensor == null || !isMatrix(tensor) || value.isGraphInput() || value.isGraphOutput()) {
        continue;
      }
      long rows = tensor.dims()[0];
      long columns = tensor.dims()[1];
      Value matrix = original(before.getOrDefault(List.of(columns, rows), List.of()), tensor);
      if (matrix == null) {
        before.computeIfAbsent(List.of(rows, columns), dims -> new ArrayList<>()).add(value);
      } else if (!value.uses().isEmpty()) {
        copies.put(value, matrix);
      }
    }
    return copies;
  }

  /** A row or a column alone is no more than a vector, and equal numbers say nothing. */
  private static boolean isMatrix(Tensor tensor) {
    return tensor.dims().length == 2
        && tensor.dims()[0] > 1
        && tensor.dims()[1] > 1
        && tensor.type().isFloating()
        && tensor.type().bits() >= Byte.SIZE
        && !Uniform.is(tensor);
  }

  private static @Nullable Value original(List<Value> some, Tensor copy) {
    for (Value value : some) {
      Tensor tensor = value.constant();
      if (tensor != null && tensor.type() == copy.type() && isTransposed(tensor, copy)) {
        return value;
      }
    }
    return null;
  }

  private static boolean isTransposed(Tensor matrix, Tensor copy) {
    int width = matrix.type().bits() / Byte.SIZE;
    int rows = Math.toIntExact(matrix.dims()[0]);
    int columns = Math.toIntExact(matrix.dims()[1]);
    TensorData from = matrix.data();
    TensorData to = copy.data();
    for (int row = 0; row < rows; row++) {
      var elements = from.view((long) row * columns * width, columns * width);
      for (int column = 0; column < columns; column++) {
        var element = elements.slice(column * width, width);
        if (!element.equals(to.view(((long) column * rows + row) * width, width))) {
          return false;
        }
      }
    }
    return true;
  }
}
