package io.gohsp.io;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Symbols that a file gives to several axes of one input, as in {@code [batch, batch]}.
 *
 * <p>Exporters write what they are told, and ONNX Runtime compares nothing by symbols, so that such
 * a model runs at any two sizes. A symbol counts for its first axis only; on other axes it becomes
 * one of its own. It is believed where another input has it once, and not on its first axis: a mask
 * of {@code [batch, 1, length, length]} beside ids of {@code [batch, length]}. Where that other
 * input calls its own first axis something else, the symbol is none of samples. It is then the
 * first axis that becomes one of its own, {@code [n, n, 8]} beside a mask of {@code [m, n]}, but of
 * two axes both are what they are called: a mask of {@code [length, length]} has no samples.
 */
final class RepeatedSymbols {
  private final Set<String> distrusted = new HashSet<>();

  /** Symbols that are none of the first axis, though some input has them there, too. */
  private final Set<String> inside = new HashSet<>();

  /**
   * @param inputs of the model, as declared
   */
  RepeatedSymbols(Collection<@Nullable ValueType> inputs) {
    Set<String> confirmed = new HashSet<>();
    for (ValueType type : inputs) {
      List<String> symbols = symbols(type);
      for (int axis = 0; axis < symbols.size(); axis++) {
        String symbol = symbols.get(axis);
        if (symbol.isEmpty()) {
          continue;
        }
        if (symbols.indexOf(symbol) != symbols.lastIndexOf(symbol)) {
          distrusted.add(symbol);
        } else if (axis > 0) {
          confirmed.add(symbol);
          if (!symbols.get(0).isEmpty()) {
            inside.add(symbol);
          }
        }
      }
    }
    inside.retainAll(distrusted);
    distrusted.removeAll(confirmed);
  }

  /** One for each axis, empty for numbers and unknown extents. */
  private static List<String> symbols(@Nullable ValueType type) {
    List<String> symbols = new ArrayList<>();
    if (type instanceof ValueType.TensorType tensor && tensor.shape() != null) {
      tensor.shape().forEach(dim -> symbols.add(dim.symbol() == null ? "" : dim.symbol()));
    }
    return symbols;
  }

  /** The type with each axis of its own size. */
  @Nullable ValueType apart(@Nullable ValueType type) {
    List<String> symbols = symbols(type);
    if (!(type instanceof ValueType.TensorType tensor)
        || tensor.shape() == null
        || symbols.stream().noneMatch(s -> distrusted.contains(s) || inside.contains(s))) {
      return type;
    }
    List<Dim> shape = new ArrayList<>(tensor.shape());
    for (int axis = 0; axis < shape.size(); axis++) {
      String symbol = symbols.get(axis);
      if (distrusted.contains(symbol) && symbols.indexOf(symbol) < axis) {
        shape.set(axis, Dim.ofAxis(symbol, axis));
      } else if (axis == 0
          && shape.size() > 2
          && inside.contains(symbol)
          && symbols.lastIndexOf(symbol) > 0) {
        shape.set(axis, Dim.ofAxis(symbol, axis));
      }
    }
    return new ValueType.TensorType(tensor.element(), shape);
  }
}
