package io.gohsp.op;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention as one operator: the standard {@code Attention}, and com.microsoft's {@code Attention},
 * {@code QAttention}, {@code PackedAttention}, {@code MultiHeadAttention}, {@code
 * PackedMultiHeadAttention}, {@code GroupQueryAttention}.
 *
 * @param heads number of query heads; 0 if only the operands' shapes tell (the standard operator on
 *     rank 4)
 * @param kvHeads number of key and value heads; 0 likewise
 * @param hiddenSizes total widths of query, key and value where the packed weight is not cut in
 *     three equal parts
 * @param scale of the logits; 0: one over the square root of the head size
 */
public record AttentionOp(
    Node node, long heads, long kvHeads, @Nullable List<Long> hiddenSizes, float scale) {
  public static AttentionOp of(Node node) {
    boolean standard = !node.op().domain().equals(OpId.MICROSOFT);
    long heads = node.intAttribute(standard ? "q_num_heads" : "num_heads", 0);
    long kvHeads = node.intAttribute("kv_num_heads", heads);
    List<Long> hiddenSizes = node.intsAttribute("qkv_hidden_sizes");
    if (heads < 0 || kvHeads < 0 || (!standard && heads == 0)) {
      throw Axes.malformed(node, "the number of heads must be at least 1");
    }
    if (hiddenSizes != null
        && (hiddenSizes.size() != 3 || hiddenSizes.stream().anyMatch(size -> size < 0))) {
      throw Axes.malformed(node, "qkv_hidden_sizes should be three widths");
    }
    return new AttentionOp(node, heads, kvHeads, hiddenSizes, node.floatAttribute("scale", 0));
  }
}
