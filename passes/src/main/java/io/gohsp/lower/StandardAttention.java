package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.AttentionOp;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The standard Attention of operator sets 23 to 25 without its cache: Q, K and V [B, heads, N, d],
 * or [B, N, heads * d]; fewer key and value heads are shared by groups of query heads.
 *
 * <p>{@code p = softmax(cap(scale Q Kᵀ) + bias)}, where {@code cap(s) = c tanh(s / c)} and the bias
 * is minus infinity for keys that a mask, a window or causality hides. A query that sees no key at
 * all has a row of zeros in p.
 */
final class StandardAttention {
  private static final float HIDDEN = Float.NEGATIVE_INFINITY;

  private StandardAttention() {}

  static void register() {
    Lowering.standard(StandardAttention::lower, "Attention");
  }

  private static List<@Nullable Value> lower(Node node, LoweringContext g) {
    g.refuseInputs("a cache of past keys", 4, 5);
    g.refuseInputs("the number of keys that are no padding, nonpad_kv_seqlen", 6);
    AttentionOp op = AttentionOp.of(node);
    GraphBuilder b = g.build();
    boolean flat = g.shape(node.input(0)).size() == 3;
    Value q = flat ? g.heads(node.input(0), op.heads()) : node.input(0);
    Value k = flat ? g.heads(node.input(1), op.kvHeads()) : node.input(1);
    Value v = flat ? g.heads(node.input(2), op.kvHeads()) : node.input(2);
    long heads = flat ? op.heads() : g.extent(node.input(0), 1);
    long kvHeads = flat ? op.kvHeads() : g.extent(node.input(1), 1);
    long width = flat ? g.extent(node.input(0), 2) / heads : g.extent(node.input(0), 3);
    if (heads != kvHeads) {
      k = shared(k, kvHeads, heads / kvHeads, b);
      v = shared(v, kvHeads, heads / kvHeads, b);
    }
    double scale = op.scale() != 0 ? op.scale() : 1 / Math.sqrt((double) width);
    Value scores = b.matMul(g.scaled(q, scale), g.swapped(k, 4));
    float cap = node.floatAttribute("softcap", 0);
    if (cap != 0) {
      scores = g.scaled(b.op("Tanh", g.scaled(scores, 1 / (double) cap)), cap);
    }
    boolean causal = node.intAttribute("is_causal", 0) != 0;
    Value hidden = hidden(node, g);
    if (causal && hidden == null) { // leaves every query a key
      scores = b.add(scores, FusedAttention.causal(node.input(0), node.input(1), g));
    } else if (causal) {
      hidden = b.add(hidden, band(node, 1, true, g));
    }
    Value context = b.matMul(hidden == null ? b.softmax(scores) : masked(scores, hidden, g), v);
    return List.of(flat ? g.merged(context) : context);
  }

  /** What mask and window add; null if there are none. */
  private static @Nullable Value hidden(Node node, LoweringContext g) {
    GraphBuilder b = g.build();
    Value bias = null;
    Value mask = node.optionalInput(3);
    if (mask != null) {
      requireAllKeys(mask, node.input(1), g);
      bias =
          g.type(mask) == ElementType.BOOL
              ? b.op("Where", mask, b.scalar(0), b.scalar(HIDDEN))
              : mask;
    }
    long left = node.intAttribute("left_window_size", -1);
    if (left >= 0) {
      bias = sum(bias, band(node, -left - 1, false, g), b);
    }
    long right = node.intAttribute("right_window_size", -1);
    if (right >= 0) {
      bias = sum(bias, band(node, right + 1, true, g), b);
    }
    return bias;
  }

  private static Value sum(@Nullable Value bias, Value other, GraphBuilder b) {
    return bias == null ? other : b.add(bias, other);
  }

  /** The operator hides keys that a shorter mask does not speak of. */
  private static void requireAllKeys(Value mask, Value key, LoweringContext g) {
    List<Size> shape = g.shape(mask);
    List<Size> keys = g.shape(key);
    Size last = shape.isEmpty() ? Size.of(1) : shape.get(shape.size() - 1);
    Size all = keys.get(keys.size() - 2);
    if (last.isKnown() && all.isKnown() && !last.equals(all)) {
      throw g.unsupported("its mask speaks of " + last + " keys, and there are " + all);
    }
  }

  /** Hides keys from a diagonal on, [queries, keys]: upwards and to the right of it, or below. */
  private static Value band(Node node, long diagonal, boolean upper, LoweringContext g) {
    GraphBuilder b = g.build();
    Value query = node.input(0);
    Value key = node.input(1);
    Value rows = FusedAttention.axis(query, g.shape(query).size() - 2, b);
    Value columns = FusedAttention.axis(key, g.shape(key).size() - 2, b);
    Value all = b.op("Expand", b.unsqueeze(b.scalar(HIDDEN), 0, 1), b.concat(0, rows, columns));
    Value from = b.constant("diagonal", Tensor.ofLong(diagonal));
    return b.op("Trilu", List.of(Attribute.of("upper", upper ? 1L : 0L)), all, from);
  }

  /** Probabilities; rows of zeros where everything is hidden. */
  private static Value masked(Value scores, Value bias, LoweringContext g) {
    GraphBuilder b = g.build();
    Tensor constant = ConstantValue.of(bias);
    if (constant != null && !contains(constant, HIDDEN)) { // as a learnt bias of positions
      return b.softmax(b.add(scores, bias));
    }
    Value finite = b.op("Max", bias, b.scalar(FusedAttention.LOWEST));
    Value most = b.op("ReduceMax", List.of(Attribute.of("keepdims", 1L)), bias, b.longs(-1));
    Value none = b.op("Equal", most, b.scalar(HIDDEN));
    return b.op("Where", none, b.scalar(0), b.softmax(b.add(scores, finite)));
  }

  private static boolean contains(Tensor tensor, float number) {
    for (float element : tensor.floats()) {
      if (element == number) {
        return true;
      }
    }
    return false;
  }

  /** [B, kvHeads, N, d] with each head repeated {@code times} times in a row. */
  private static Value shared(Value x, long kvHeads, long times, GraphBuilder b) {
    Value repeated = b.op("Expand", b.unsqueeze(x, 2), b.longs(1, kvHeads, times, 1, 1));
    Value extents = b.op("Shape", x);
    Value rest = b.op("Slice", extents, b.longs(2), b.longs(4));
    Value batch = b.op("Slice", extents, b.longs(0), b.longs(1));
    return b.op("Reshape", repeated, b.concat(0, batch, b.longs(kvHeads * times), rest));
  }
}
