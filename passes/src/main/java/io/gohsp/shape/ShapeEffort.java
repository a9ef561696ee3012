package io.gohsp.shape;

import io.gohsp.ir.Function;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much one analysis may do. A small file can ask for endless work, with functions that call
 * each other several times, loops inside loops, or long formulas in large tables; what real models
 * need grows with their nodes.
 */
final class ShapeEffort {
  private static final long EVERY_MODEL = 1_000_000;
  private static final long EVERY_NODE = 100;
  private static final int NUMBERS_OF_A_UNIT = 16;

  private final long all;
  private long left;

  ShapeEffort(Model model) {
    long nodes =
        Traversal.nodesWithin(model.graph()).count()
            + model.functions().stream()
                .mapToLong(function -> Traversal.nodesWithin(function.body()).count())
                .sum();
    this.all = EVERY_MODEL + EVERY_NODE * nodes;
    this.left = all;
  }

  /** Steps taken so far. */
  long spent() {
    return all - left;
  }

  /**
   * A node is analysed, which leaves facts of some size.
   *
   * @throws ModelException.Malformed naming the node if that is too much in all
   */
  void spend(Node node, java.util.function.Function<Value, Fact> facts) {
    long units = 1;
    for (Value output : node.outputs()) {
      if (output != null) {
        Fact fact = facts.apply(output);
        units += weight(fact.shape());
        units += fact.data() == null ? 0 : weight(fact.data().elements());
      }
    }
    spend(node, units);
  }

  /** A function is about to be copied for a call. */
  void spend(Node call, Function function) {
    spend(call, 1 + Traversal.nodesWithin(function.body()).count());
  }

  private void spend(Node node, long units) {
    left -= units;
    if (left < 0) {
      throw new ModelException.Malformed(
          node.location(),
          "the model takes more steps to analyse than a model of its size can need; functions that"
              + " call each other many times over, nested loops and extents that are formulas of"
              + " formulas do that");
    }
  }

  private static long weight(@Nullable List<? extends @Nullable Size> sizes) {
    if (sizes == null) {
      return 0;
    }
    long weight = sizes.size() / NUMBERS_OF_A_UNIT;
    for (Size size : sizes) {
      weight += size == null ? 0 : size.weight();
    }
    return weight;
  }
}
