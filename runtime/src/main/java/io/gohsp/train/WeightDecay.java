package io.gohsp.train;

import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Which parameters weight decay pulls towards zero: the matrices that multiply. Not biases and
 * norms, nor what is added to or put beside activations, such as position embeddings, class tokens
 * and tables of relative positions. Training frameworks leave that to the user; this is the usual
 * choice for Vision Transformers.
 */
final class WeightDecay {
  /** What only moves elements around. */
  private static final Set<String> LAYOUT =
      Set.of(
          "Transpose",
          "Reshape",
          "Cast",
          "Identity",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Slice",
          "Split",
          "Gather",
          "Expand",
          "Tile",
          "Resize");

  /** What makes tokens and positions of a constant. */
  private static final Set<String> NOT_MULTIPLIED =
      Set.of(
          "Add",
          "Sub",
          "Sum",
          "Concat",
          "Where",
          "BiasAdd",
          "EmbedLayerNormalization",
          "SkipLayerNormalization");

  private WeightDecay() {}

  static boolean applies(Value parameter) {
    Tensor contents = Objects.requireNonNull(ConstantValue.of(parameter));
    return Arrays.stream(contents.dims()).filter(extent -> extent > 1).count() > 1
        && !reachesAddition(parameter, new HashSet<>());
  }

  private static boolean reachesAddition(Value value, Set<Value> seen) {
    if (!seen.add(value)) {
      return false;
    }
    for (Use use : value.uses()) {
      Node node = use.node();
      String op = node.op().type();
      if (NOT_MULTIPLIED.contains(op)) {
        return true;
      }
      if (LAYOUT.contains(op)
          && use.index() == 0
          && node.presentOutputs().anyMatch(output -> reachesAddition(output, seen))) {
        return true;
      }
    }
    return false;
  }
}
