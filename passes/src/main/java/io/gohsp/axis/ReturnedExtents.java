package io.gohsp.axis;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Axes whose extents a model returns as numbers: what it answers would change with them. */
final class ReturnedExtents {
  private ReturnedExtents() {}

  /** Makes immovable what a result is the shape of, or a part of the shape, or computed from it. */
  static void fix(Value output, Axes axes) {
    Deque<Value> frontier = new ArrayDeque<>(List.of(output));
    Set<Value> seen = new HashSet<>(frontier);
    while (!frontier.isEmpty()) {
      Value value = frontier.remove();
      Node producer = value.producer().orElse(null);
      if (producer == null || axes.facts().data(value) == null) {
        continue; // not followed: there FrozenExtents keeps the original numbers
      }
      if (producer.is("Shape") || producer.is("Size")) {
        axes.fixValue(
            producer.input(0),
            producer,
            "has its extents returned by the model's output \"" + output.name() + "\"");
      } else {
        producer.presentInputs().filter(seen::add).forEach(frontier::add);
      }
    }
  }
}
