package io.gohsp.normalize;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Ties again what an exporter has untied: where it folds constants, it stores an embedding that is
 * the head as well as two tensors, the table and, transposed, the head's weight. By the rule of
 * {@link SeparateParameters} that parameters do not have the same random or trained numbers by
 * chance, a matrix with the numbers of a table, transposed, is that table. Of other matrices that
 * is not said: those of two layers may both begin as the identity.
 */
public final class TransposedCopies {
  private TransposedCopies() {}

  /**
   * Replaces each such copy by a Transpose of the table, in place. Idempotent; names depend on the
   * model alone.
   */
  public static void tie(Model model) {
    Graph graph = model.graph();
    copies(model)
        .forEach(
            (copy, table) -> {
              Value tied =
                  graph
                      .insertBefore(
                          graph.nodes().get(0),
                          OpId.of("Transpose"),
                          table.name() + "_transposed",
                          table)
                      .output();
              for (Use use : List.copyOf(copy.uses())) {
                use.replaceWith(tied);
              }
              graph.removeInitializer(copy);
            });
  }

  /** Each copy with the table that it is a copy of, in the order of the file. */
  public static Map<Value, Value> copies(Model model) {
    List<Value> matrices =
        model.graph().initializers().stream()
            .filter(value -> !value.isGraphInput() && !value.isGraphOutput())
            .filter(value -> !value.uses().isEmpty() && isMatrix(value))
            .toList();
    List<Value> tables = matrices.stream().filter(TransposedCopies::isTable).toList();
    Map<Value, Value> copies = new LinkedHashMap<>();
    for (Value matrix : matrices) {
      tables.stream()
          .filter(table -> !isTable(matrix) && isTransposed(table, matrix))
          .findFirst()
          .ifPresent(table -> copies.put(matrix, table));
    }
    return copies;
  }

  /** Whether rows are looked up in it. */
  private static boolean isTable(Value matrix) {
    return SeparateParameters.readers(matrix).stream()
        .anyMatch(use -> use.node().is("Gather") && use.index() == 0);
  }

  /** A row or a column alone is no more than a vector, and equal numbers say nothing. */
  private static boolean isMatrix(Value value) {
    Tensor tensor = value.constant();
    return tensor != null
        && tensor.dims().length == 2
        && tensor.dims()[0] > 1
        && tensor.dims()[1] > 1
        && tensor.type().isFloating()
        && tensor.type().bits() >= Byte.SIZE
        && !Uniform.is(tensor);
  }

  private static boolean isTransposed(Value table, Value value) {
    Tensor matrix = Objects.requireNonNull(table.constant());
    Tensor copy = Objects.requireNonNull(value.constant());
    if (matrix.type() != copy.type()
        || matrix.dims()[0] != copy.dims()[1]
        || matrix.dims()[1] != copy.dims()[0]) {
      return false;
    }
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
