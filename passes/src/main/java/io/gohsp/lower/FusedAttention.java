package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.AttentionOp;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime's attention as one operator; {@link StandardAttention} is the standard's. */
final class FusedAttention {
  /** What ONNX Runtime adds to the scores of masked keys, unless the node says otherwise. */
  private static final float MASKED = -10_000;

  /** Low enough to leave nothing after Softmax; infinity would make rows without keys NaN. */
  static final float LOWEST = -1e30f;

  private FusedAttention() {}

  static void register() {
    Lowering.microsoft(FusedAttention::packed, "Attention");
    Lowering.microsoft(FusedAttention::multiHead, "MultiHeadAttention");
  }

  /** Zero up to the diagonal, very low above it; [queries, keys]. */
  static Value causal(Value query, Value key, LoweringContext g) {
    GraphBuilder b = g.build();
    Value rows = axis(query, g.shape(query).size() - 2, b);
    Value columns = axis(key, g.shape(key).size() - 2, b);
    Value low = b.op("Expand", b.unsqueeze(b.scalar(LOWEST), 0, 1), b.concat(0, rows, columns));
    Value one = b.constant("one", Tensor.ofLong(1));
    return b.op("Trilu", List.of(Attribute.of("upper", 1L)), low, one);
  }

  static Value axis(Value x, int axis, GraphBuilder b) {
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
