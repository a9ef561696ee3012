package io.gohsp.rotation;

import io.gohsp.axis.Contraction;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.plan.GroupKind;
import io.gohsp.plan.GroupTotals;
import io.gohsp.plan.Importance;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Block;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What groups cost, as far as weights tell: the part of its own layer's output that goes with each.
 * Neurons and heads have the squared norm of the weights that read them, by that of all; columns in
 * a basis of their own what the basis loses with them, by what it could. Parts of different layers
 * and kinds are taken as equally dear, which makes one unit of all: METHOD.md section 10 without
 * data, [C].
 */
public final class WeightLosses {
  private WeightLosses() {}

  /**
   * @param working normalised
   * @param bases of this model
   * @return scores; those of one kind add up to 1 in every block, or are all 0
   */
  public static Importance of(WorkingModel working, WeightBases bases) {
    Importance all = GroupTotals.of(working, readers(working, false)::squares);
    Importance reading = GroupTotals.of(working, readers(working, true)::squares);
    Importance columns = bases.scores(all);
    for (int i = 0; i < all.blocks().size(); i++) {
      for (GroupKind kind : GroupKind.values()) {
        double[][] to = all.blocks().get(i).of(kind);
        copy(
            (kind == GroupKind.QK || kind == GroupKind.V ? columns : reading)
                .blocks()
                .get(i)
                .of(kind),
            to);
      }
    }
    return all;
  }

  /**
   * Weights that count.
   *
   * @param some null for all
   */
  private record Readers(@Nullable Set<Value> some) {
    float @Nullable [] squares(Value weight) {
      Tensor tensor = ConstantValue.of(weight);
      if (tensor == null
          || !tensor.type().isFloating()
          || (some != null && !some.contains(weight))) {
        return null;
      }
      float[] numbers = tensor.floats();
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] *= numbers[k];
      }
      return numbers;
    }
  }

  private static Readers readers(WorkingModel working, boolean only) {
    if (!only) {
      return new Readers(null);
    }
    Set<Value> reading = new HashSet<>();
    for (Block block : working.blocks()) {
      Stream.concat(
              block.attention() == null ? Stream.of() : block.attention().outputs().stream(),
              block.mlp() == null ? Stream.<Contraction>of() : block.mlp().outputs().stream())
          .map(Contraction::node)
          .flatMap(Node::presentInputs)
          .forEach(input -> addConstants(working, input, reading));
    }
    return new Readers(reading);
  }

  /** Constants may be transposed, say, before they are read. */
  private static void addConstants(WorkingModel working, Value value, Set<Value> to) {
    if (!working.analysis().isConstant(value)) {
      return;
    }
    if (ConstantValue.of(value) != null) {
      to.add(value);
    } else {
      value
          .producer()
          .ifPresent(node -> node.presentInputs().forEach(in -> addConstants(working, in, to)));
    }
  }

  private static void copy(double[][] from, double[][] to) {
    double sum = Arrays.stream(from).flatMapToDouble(Arrays::stream).sum();
    for (int row = 0; row < to.length; row++) {
      for (int k = 0; k < to[row].length; k++) {
        to[row][k] = sum > 0 ? from[row][k] / sum : 0;
      }
    }
  }
}
