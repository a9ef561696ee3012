package io.gohsp.autodiff;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which constants of finite numbers are masks of attention: by what they hold, and by where it
 * goes. Files do not say, and a table of learnt biases goes the same way.
 */
final class Masks {
  /** What masks are filled with is below this, what is learnt above. */
  private static final float MASK = -1e4f;

  /** Swin's shifted windows are masked with -100, beside zeros alone. */
  private static final float WINDOW_MASK = -50;

  /** Which operand is added to the scores, by operator. */
  private static final Map<OpId, Integer> SCORE_BIAS =
      Map.of(
          OpId.of("Attention"), 3,
          OpId.of(OpId.MICROSOFT, "Attention"), 5,
          OpId.of(OpId.MICROSOFT, "PackedAttention"), 5,
          OpId.of(OpId.MICROSOFT, "MultiHeadAttention"), 5,
          OpId.of(OpId.MICROSOFT, "PackedMultiHeadAttention"), 6,
          OpId.of(OpId.MICROSOFT, "GroupQueryAttention"), 10);

  /** What takes elements of its first operand elsewhere and leaves them what they are. */
  private static final Set<String> MOVES =
      Set.of(
          "Cast",
          "CastLike",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "GatherND",
          "Identity",
          "Reshape",
          "Slice",
          "Split",
          "Squeeze",
          "Tile",
          "Transpose",
          "Trilu",
          "Unsqueeze");

  private Masks() {}

  /** Whether a constant that is {@code contents} hides tokens, possibly part by part. */
  static boolean isMask(Value value, Tensor contents) {
    return isAdded(value) && hides(contents);
  }

  private static boolean isAdded(Value value) {
    Set<Value> seen = new HashSet<>(Set.of(value));
    Deque<Value> next = new ArrayDeque<>(seen);
    while (!next.isEmpty()) {
      for (Use use : next.remove().uses()) {
        Node node = use.node();
        if (node.is("Add")
            || node.is("Where")
            || SCORE_BIAS.getOrDefault(node.op(), -1) == use.index()) {
          return true;
        }
        boolean moved = MOVES.contains(node.op().type()) && use.index() == 0;
        if (node.op().domain().isEmpty() && (moved || node.is("Concat"))) {
          node.presentOutputs().filter(seen::add).forEach(next::add);
        }
      }
    }
    return false;
  }

  private static boolean hides(Tensor contents) {
    float negative = 0;
    boolean onlyThat = true; // and zeros
    for (float element : contents.floats()) {
      if (element < MASK) {
        return true;
      }
      negative = negative == 0 ? element : negative;
      onlyThat &= element == 0 || element == negative;
    }
    return onlyThat && negative <= WINDOW_MASK;
  }
}
