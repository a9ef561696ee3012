package io.gohsp.shape;

import io.gohsp.op.AttentionOp;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention as one operator, and rotary embeddings. Letters: B batch, N tokens, L key tokens, P
 * past tokens, H heads, d head size, D width.
 */
final class AttentionShapes {
  private AttentionShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(AttentionShapes::standard, "Attention");
    rules.standard(ElementwiseShapes::like, "RotaryEmbedding");
    rules.microsoft(ElementwiseShapes::like, "RotaryEmbedding");
    rules.microsoft(facts -> packedWeight(facts, facts.type(0), 3, 4), "Attention");
    rules.microsoft(facts -> packedWeight(facts, facts.type(3), 5, 8), "QAttention");
    rules.microsoft(facts -> packedWeight(facts, facts.type(0), -1, -1), "PackedAttention");
    rules.microsoft(AttentionShapes::multiHead, "MultiHeadAttention");
    rules.microsoft(AttentionShapes::packedMultiHead, "PackedMultiHeadAttention");
    rules.microsoft(AttentionShapes::groupQuery, "GroupQueryAttention");
  }

  /** Q, K, V are [B, H, N, d], or [B, N, H*d] with the number of heads as attributes. */
  private static void standard(NodeFacts facts) {
    AttentionOp op = AttentionOp.of(facts.node());
    List<Size> q = facts.shape(0, 3, 4);
    List<Size> k = q == null ? null : facts.shape(1, q.size());
    List<Size> v = q == null ? null : facts.shape(2, q.size());
    ElementType type = facts.type(0);
    if (q == null || k == null || v == null) {
      facts.result(type, q == null ? null : facts.freshShape(0, q.size()));
      return;
    }
    boolean split = q.size() == 4;
    if (!split && (op.heads() == 0 || op.kvHeads() == 0)) {
      throw facts.malformed("q_num_heads and kv_num_heads are missing");
    }
    Size heads = split ? q.get(1) : Size.of(op.heads());
    Size kvHeads = split ? k.get(1) : Size.of(op.kvHeads());
    Size tokens = q.get(split ? 2 : 1);
    Size keySize = split ? k.get(3) : headSize(facts, k.get(2), kvHeads);
    Size valueSize = split ? v.get(3) : headSize(facts, v.get(2), kvHeads);
    facts.result(
        0,
        type,
        split
            ? List.of(q.get(0), heads, tokens, valueSize)
            : List.of(q.get(0), tokens, heads.times(valueSize)));
    List<Size> past = facts.shape(4, 4);
    Size seen = k.get(split ? 2 : 1);
    Size total = !facts.has(4) ? seen : past == null ? null : past.get(2).plus(seen);
    if (!facts.has(4) && facts.opset() < 24) { // from then on a mask may have fewer keys
      masked(facts, 3, seen);
    }
    facts.result(1, facts.type(1), List.of(q.get(0), kvHeads, facts.orFresh(total, 1, 2), keySize));
    facts.result(
        2, facts.type(2), List.of(q.get(0), kvHeads, facts.orFresh(total, 2, 2), valueSize));
    facts.result(3, type, List.of(q.get(0), heads, tokens, facts.orFresh(total, 3, 3)));
  }

  /** A mask of two or more axes has its keys on the last. */
  private static void masked(NodeFacts facts, int index, Size keys) {
    List<Size> mask = facts.shape(index);
    if (mask != null && mask.size() > 1) {
      facts.meet(keys, mask.get(mask.size() - 1));
    }
  }

  private static Size headSize(NodeFacts facts, Size width, Size heads) {
    Size size = width.exactlyDividedBy(heads);
    if (size == null) {
      throw facts.malformed("a width of " + width + " does not divide into " + heads + " heads");
    }
    return size;
  }

  /**
   * X [..., in] and one weight [in, q + k + v] give [..., v].
   *
   * @param maskIndex which operand hides keys, [B], [B, L] or with axes between; negative likewise
   * @param pastIndex which operand is the past, [2, B, H, P, d]; negative if there is none
   */
  private static void packedWeight(
      NodeFacts facts, @Nullable ElementType type, int maskIndex, int pastIndex) {
    AttentionOp op = AttentionOp.of(facts.node());
    List<Size> x = facts.shape(0, 2, 3);
    List<Size> weight = facts.shape(1, 2);
    List<Size> bias = facts.shape(2, 1);
    if (x == null) {
      facts.result(type, null);
      return;
    }
    Size packed =
        weight != null ? weight.get(weight.size() - 1) : bias != null ? bias.get(0) : null;
    Size width = packed == null ? null : packed.exactlyDividedBy(Size.of(3));
    if (op.hiddenSizes() != null) {
      width = Size.of(op.hiddenSizes().get(2));
    } else if (packed != null && width == null) {
      throw facts.malformed(
          "a weight of width " + packed + " does not divide into query, key and value");
    }
    List<Size> mask = maskIndex > 0 ? facts.shape(maskIndex) : null;
    if (mask != null && mask.size() < 4 && !facts.has(pastIndex) && x.size() == 3) {
      masked(facts, maskIndex, x.get(1));
    }
    int last = x.size() - 1;
    facts.result(0, type, Shapes.with(x, last, facts.orFresh(width, 0, last)));
    if (pastIndex > 0 && facts.outputs() > 1 && width != null && x.size() == 3) {
      List<Size> past = facts.shape(pastIndex, 5);
      Size total =
          !facts.has(pastIndex) ? x.get(1) : past == null ? null : past.get(3).plus(x.get(1));
      boolean shared = facts.node().intAttribute("past_present_share_buffer", 0) != 0;
      Size heads = Size.of(op.heads());
      List<Size> present =
          List.of(
              Size.of(2),
              x.get(0),
              heads,
              facts.orFresh(total, 1, 3),
              headSize(facts, width, heads));
      facts.result(1, type, shared ? past : present);
    }
  }

  /**
   * Query [B, N, D] or packed [B, N, H, 3, d]; key and value [B, L, D], [B, H, L, d], or packed [B,
   * L, H, 2, d].
   */
  private static void multiHead(NodeFacts facts) {
    Size heads = Size.of(AttentionOp.of(facts.node()).heads());
    List<Size> query = facts.shape(0, 3, 5);
    List<Size> key = facts.shape(1, 3, 4, 5);
    List<Size> value = facts.shape(2, 3, 4);
    if (query == null || (facts.has(1) && key == null) || (facts.has(2) && value == null)) {
      facts.result(facts.type(0), query == null ? null : facts.freshShape(0, 3));
      return;
    }
    Size width;
    Size keyWidth;
    if (query.size() == 5) {
      width = heads.times(query.get(4));
      keyWidth = width;
    } else if (value == null) {
      width = key == null || key.size() != 5 ? query.get(2) : heads.times(key.get(4));
      keyWidth = width;
    } else {
      width = value.size() == 4 ? heads.times(value.get(3)) : value.get(2);
      keyWidth = query.get(2);
    }
    facts.result(0, facts.type(0), List.of(query.get(0), query.get(1), width));
    Size length = key == null ? query.get(1) : key.get(key.size() == 4 ? 2 : 1);
    List<Size> past = facts.shape(6, 4);
    Size total = !facts.has(6) ? length : past == null ? null : past.get(2).plus(length);
    if (!facts.has(6)) {
      masked(facts, 4, length);
      masked(facts, 5, length);
    }
    List<Size> keys =
        List.of(query.get(0), heads, facts.orFresh(total, 1, 2), headSize(facts, keyWidth, heads));
    facts.result(1, facts.type(0), keys);
    facts.result(2, facts.type(0), Shapes.with(keys, 3, headSize(facts, width, heads)));
    facts.result(
        3, facts.type(0), List.of(query.get(0), heads, query.get(1), facts.orFresh(total, 3, 3)));
  }

  /** Query [T, D] or packed [T, H, 3, d], value [T, D]: [T, D]. */
  private static void packedMultiHead(NodeFacts facts) {
    Size heads = Size.of(AttentionOp.of(facts.node()).heads());
    List<Size> query = facts.shape(0, 2, 4);
    List<Size> value = facts.shape(2, 2);
    if (query == null || (query.size() != 4 && value == null)) {
      facts.result(facts.type(0), query == null ? null : facts.freshShape(0, 2));
      return;
    }
    Size width =
        query.size() == 4
            ? heads.times(query.get(3))
            : value == null ? facts.fresh(0, 1) : value.get(1);
    facts.result(facts.type(0), List.of(query.get(0), width));
  }

  /** Query [B, N, H*d], or [B, N, (H + 2 G)*d] with key and value of G heads in it. */
  private static void groupQuery(NodeFacts facts) {
    AttentionOp op = AttentionOp.of(facts.node());
    List<Size> query = facts.shape(0);
    if (query == null || query.size() != 3) {
      facts.result(facts.type(0), null);
      return;
    }
    Size heads = Size.of(op.heads());
    Size groups = Size.of(op.kvHeads());
    Size packedHeads = facts.has(1) ? heads : heads.plus(groups).plus(groups);
    Size headSize = headSize(facts, query.get(2), packedHeads);
    facts.result(0, facts.type(0), List.of(query.get(0), query.get(1), heads.times(headSize)));
    for (int i = 1; i <= 2; i++) {
      List<Size> present =
          new ArrayList<>(List.of(query.get(0), groups, facts.fresh(i, 2), headSize));
      facts.result(i, facts.type(0), List.copyOf(present));
    }
  }
}
