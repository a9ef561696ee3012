package io.gohsp.train;

import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * In how many runs the gradients of a batch are computed, to be added up: as many as it takes for
 * the largest activation of a run to fit the caches, so that what one operator writes is still
 * there when the next one reads it. Memory shrinks with the runs. By sizes alone, so that the same
 * model and batch are divided alike everywhere. Measured in docs/PERFORMANCE.md.
 */
final class BatchParts {
  /** Of the second-level cache of one core, about what processors have of it. */
  private static final long CACHE = 5L << 19;

  /**
   * Multiply-accumulates for each parameter in a run: adding up a gradient takes as long as some
   * ten of them, three for each in a run, and is to be a small part.
   */
  private static final long PER_PARAMETER = 600;

  private BatchParts() {}

  /**
   * @param model with a free batch; others are not divided
   * @param batch samples
   * @return a divisor of {@code batch}
   */
  static int of(Model model, int batch) {
    long largest = largestActivation(model);
    Cost cost = CostModel.of(model);
    int parts = 1;
    for (int more = 2; more <= batch && batch / parts * largest > CACHE; more++) {
      boolean enough = cost.macs() >= PER_PARAMETER * cost.params() / (batch / more);
      parts = batch % more == 0 && enough ? more : parts;
    }
    return largest == 0 ? 1 : parts;
  }

  /** In bytes for one sample, as FLOAT; 0 if samples cannot be told apart. */
  private static long largestActivation(Model model) {
    ShapeFacts facts = ShapeInference.of(model);
    String symbol = null;
    for (Value input : model.graph().inputs()) {
      List<Size> shape = input.constant() == null ? facts.shape(input) : null;
      String first =
          shape == null || shape.isEmpty() || shape.get(0).isKnown()
              ? null
              : shape.get(0).toString();
      if (input.constant() == null
          && (first == null || (symbol != null && !symbol.equals(first)))) {
        return 0;
      }
      symbol = input.constant() == null ? first : symbol;
    }
    if (symbol == null) {
      return 0;
    }
    Map<String, Long> one = Map.of(symbol, 1L);
    long largest = 0;
    for (var node : model.graph().nodes()) {
      for (Value value : node.presentOutputs().toList()) {
        List<Size> shape = facts.shape(value);
        Size elements = shape == null ? Size.ZERO : shape.stream().reduce(Size.ONE, Size::times);
        OptionalLong count = elements.isKnown() ? OptionalLong.empty() : elements.evaluate(one);
        largest = Math.max(largest, count.orElse(0));
      }
    }
    return largest * Float.BYTES;
  }
}
