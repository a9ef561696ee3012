package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.AttentionOp;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention as one operator: the standard one, and ONNX Runtime's. */
final class FusedAttention {
  /** What ONNX Runtime adds to the scores of masked keys, unless the node says otherwise. */
  private static final float MASKED = -10_000;

  /** Low enough to leave nothing after Softmax; infinity would make rows without keys NaN. */
  private static final float LOWEST = -1e30f;

  private FusedAttention() {}

  static void register() {
    Lowering.standard(FusedAttention::standard, "Attention");
    Lowering.microsoft(FusedAttention::packed, "Attention");
    Lowering.microsoft(FusedAttention::multiHead, "MultiHeadAttention");
  }

  /**
   * The standard operator: Q, K and V [B, heads, N, d], or [B, N, heads * d]; fewer key and value
   * heads are shared by groups of query heads.
   */
  private static List<@Nullable Value> standard(Node node, LoweringContext g) {
    g.refuseInputs("a cache of past keys", 4, 5, 6);
    if (node.floatAttribute("softcap", 0) != 0) {
      throw g.unsupported("softcap is not supported");
    }
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
    List<@Nullable Value> biases = new ArrayList<>();
    Value mask = node.optionalInput(3);
    if (mask != null) {
      biases.add(
          g.type(mask) == ElementType.BOOL
              ? b.op("Where", mask, b.scalar(0), b.scalar(LOWEST))
              : mask);
    }
    if (node.intAttribute("is_causal", 0) != 0) {
      biases.add(causal(node.input(0), node.input(1), g));
    }
    double scale = op.scale() != 0 ? op.scale() : 1 / Math.sqrt((double) width);
    Value context = g.attention(q, k, v, scale, biases.toArray(Value[]::new));
    return List.of(flat ? g.merged(context) : context);
  }

  /** [B, kvHeads, N, d] with each head repeated {@code times} times in a row. */
  private static Value shared(Value x, long kvHeads, long times, GraphBuilder b) {
    Value repeated = b.op("Expand", b.unsqueeze(x, 2), b.longs(1, kvHeads, times, 1, 1));
    Value extents = b.op("Shape", x);
    Value rest = b.op("Slice", extents, b.longs(2), b.longs(4));
    Value batch = b.op("Slice", extents, b.longs(0), b.longs(1));
    return b.op("Reshape", repeated, b.concat(0, batch, b.longs(kvHeads * times), rest));
  }

  /** Zero up to the diagonal, very low above it; [queries, keys]. */
  private static Value causal(Value query, Value key, LoweringContext g) {
    GraphBuilder b = g.build();
    Value rows = axis(query, g.shape(query).size() - 2, b);
    Value columns = axis(key, g.shape(key).size() - 2, b);
    Value low = b.op("Expand", b.unsqueeze(b.scalar(LOWEST), 0, 1), b.concat(0, rows, columns));
    Value one = b.constant("one", Tensor.ofLong(1));
    return b.op("Trilu", List.of(Attribute.of("upper", 1L)), low, one);
  }

  private static Value axis(Value x, int axis, GraphBuilder b) {
    return b.op(
        "Shape", List.of(Attribute.of("start", (long) axis), Attribute.of("end", axis + 1L)), x);
  }

  /**
   * ONNX Runtime's Attention: one weight [width, q + k + v columns] and one bias project {@code x}
   * [B, N, width].
   */
  private static List<@Nullable Value> packed(Node node, LoweringContext g) {
    g.refuseInputs("a cache of past keys", 4, 6);
    if (node.intAttribute("do_rotary", 0) != 0) {
      throw g.unsupported("do_rotary is not supported");
    }
    AttentionOp op = AttentionOp.of(node);
    GraphBuilder b = g.build();
    Value x = node.input(0);
    Value projected = g.addAll(b.matMul(x, node.input(1)), node.optionalInput(2));
    List<Long> sizes = op.hiddenSizes();
    if (sizes == null) {
      long third = g.extent(node.input(1), 1) / 3;
      sizes = List.of(third, third, third);
    }
    List<Value> parts = b.split(projected, 2, sizes.stream().mapToLong(Long::longValue).toArray());
    Value q = g.heads(parts.get(0), op.heads());
    Value k = g.heads(parts.get(1), op.heads());
    Value v = g.heads(parts.get(2), op.heads());
    double scale = op.scale() != 0 ? op.scale() : 1 / Math.sqrt((double) sizes.get(0) / op.heads());
    Value mask = node.optionalInput(3);
    Value causal = node.intAttribute("unidirectional", 0) != 0 ? causal(x, x, g) : null;
    Value context =
        g.attention(
            q,
            k,
            v,
            scale,
            mask == null ? null : masked(node, mask, x, g),
            causal,
            node.optionalInput(5));
    return List.of(g.merged(context));
  }

  /**
   * What masks add to the scores. A mask is [B]: how many keys count, or [B, keys] or [B, queries,
   * keys]: 1 where a key counts.
   */
  private static Value masked(Node node, Value mask, Value keys, LoweringContext g) {
    GraphBuilder b = g.build();
    List<Size> shape = g.shape(mask);
    Value low = b.scalar(node.floatAttribute("mask_filter_value", MASKED));
    Value counts;
    if (shape.size() == 1 && shape.get(0).equals(g.shape(keys).get(0))) {
      Value length = b.squeeze(axis(keys, 1, b), 0);
      Value zero = b.constant("zero", Tensor.ofLong(0));
      Value one = b.constant("one", Tensor.ofLong(1));
      Value positions = b.op("Range", zero, length, one);
      Value lengths = b.reshape(g.cast(mask, ElementType.INT64), -1, 1, 1, 1);
      counts = b.op("Less", positions, lengths);
    } else if (shape.size() == 2) {
      counts = b.unsqueeze(g.cast(mask, ElementType.BOOL), 1, 2);
    } else if (shape.size() == 3) {
      counts = b.unsqueeze(g.cast(mask, ElementType.BOOL), 1);
    } else {
      throw g.unsupported("a mask of shape " + shape + " is not supported");
    }
    return b.op("Where", counts, b.scalar(0), low);
  }

  /**
   * ONNX Runtime's MultiHeadAttention: query, key and value [B, N, heads * d], one bias for all.
   */
  private static List<@Nullable Value> multiHead(Node node, LoweringContext g) {
    g.refuseInputs("a cache of past keys", 6, 7);
    if (node.optionalInput(1) == null || g.shape(node.input(1)).size() != 3) {
      throw g.unsupported("packed or cached keys are not supported");
    }
    AttentionOp op = AttentionOp.of(node);
    GraphBuilder b = g.build();
    Value q = node.input(0);
    Value k = node.input(1);
    Value v = node.input(2);
    long width = g.extent(q, 2);
    Value bias = node.optionalInput(3);
    if (bias != null) {
      List<Value> parts = b.split(bias, 0, width, g.extent(k, 2), g.extent(v, 2));
      q = b.add(q, parts.get(0));
      k = b.add(k, parts.get(1));
      v = b.add(v, parts.get(2));
    }
    double scale = op.scale() != 0 ? op.scale() : 1 / Math.sqrt((double) width / op.heads());
    Value mask = node.optionalInput(4);
    Value causal =
        node.intAttribute("unidirectional", 0) != 0
            ? causal(node.input(0), node.input(1), g)
            : null;
    Value context =
        g.attention(
            g.heads(q, op.heads()),
            g.heads(k, op.heads()),
            g.heads(v, op.heads()),
            scale,
            mask == null ? null : masked(node, mask, node.input(1), g),
            causal,
            node.optionalInput(5));
    return List.of(g.merged(context));
  }
}
