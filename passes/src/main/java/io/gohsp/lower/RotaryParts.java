package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rotary position embeddings as one operator: the standard one, and ONNX Runtime's. */
final class RotaryParts {
  private RotaryParts() {}

  static void register() {
    Lowering.standard(
        (node, g) -> rotate(node, node.input(1), node.input(2), node.optionalInput(3), g),
        "RotaryEmbedding");
    Lowering.microsoft(
        (node, g) -> rotate(node, node.input(2), node.input(3), node.input(1), g),
        "RotaryEmbedding");
  }

  /**
   * Turns pairs of the first {@code r} columns of each head by their position's angle: {@code (a,
   * b)} to {@code (a cos - b sin, a sin + b cos)}. A pair is a column of the first half with one of
   * the second, or, if interleaved, neighbours.
   *
   * @param cos cache [positions, r/2], or [B, N, r/2] where there are no positions
   * @param positions [B, N], or [1]: that of the first token
   */
  private static List<@Nullable Value> rotate(
      Node node, Value cos, Value sin, @Nullable Value positions, LoweringContext g) {
    if (node.floatAttribute("scale", 1) != 1 || node.intAttribute("is_packed_batching", 0) != 0) {
      throw g.unsupported("scale and packed batches are not supported");
    }
    GraphBuilder b = g.build();
    Value x = node.input(0);
    boolean flat = g.shape(x).size() == 3;
    long half = g.extent(cos, g.shape(cos).size() - 1);
    long heads = node.intAttribute("num_heads", 0);
    if (flat && heads == 0) {
      heads = g.extent(x, 2) / (2 * half);
    }
    long width = flat ? g.extent(x, 2) / heads : g.extent(x, 3);
    Value apart = flat ? g.heads(x, heads) : x; // [B, heads, N, d]
    Value turned = apart;
    @Nullable Value rest = null;
    if (2 * half < width) {
      List<Value> parts = b.split(apart, 3, 2 * half, width - 2 * half);
      turned = parts.get(0);
      rest = parts.get(1);
    }
    Value c = angles(cos, positions, x, flat ? 1 : 2, g);
    Value s = angles(sin, positions, x, flat ? 1 : 2, g);
    boolean interleaved = node.intAttribute("interleaved", 0) != 0;
    Value pairs = interleaved ? b.reshape(turned, 0, 0, 0, half, 2) : turned;
    List<Value> ab = interleaved ? b.split(pairs, 4, 1, 1) : b.split(pairs, 3, half, half);
    Value first = interleaved ? b.squeeze(ab.get(0), 4) : ab.get(0);
    Value second = interleaved ? b.squeeze(ab.get(1), 4) : ab.get(1);
    Value real = b.sub(b.mul(first, c), b.mul(second, s));
    Value imaginary = b.add(b.mul(first, s), b.mul(second, c));
    Value joined =
        interleaved
            ? b.reshape(
                b.concat(4, b.unsqueeze(real, 4), b.unsqueeze(imaginary, 4)), 0, 0, 0, 2 * half)
            : b.concat(3, real, imaginary);
    Value whole = rest == null ? joined : b.concat(3, joined, rest);
    return List.of(flat ? g.merged(whole) : whole);
  }

  /** Rows of the cache for each token, [B or 1, 1, N, r/2]. */
  private static Value angles(
      Value cache, @Nullable Value positions, Value x, int tokenAxis, LoweringContext g) {
    GraphBuilder b = g.build();
    if (positions == null) {
      return b.unsqueeze(cache, 1);
    }
    if (g.shape(positions).size() == 2) {
      return b.unsqueeze(b.op("Gather", cache, positions), 1);
    }
    Value tokens =
        b.node(
                OpId.of("Shape"),
                List.of(
                    Attribute.of("start", (long) tokenAxis), Attribute.of("end", tokenAxis + 1L)),
                1,
                x)
            .output();
    Value zero = b.constant("zero", Tensor.ofLong(0));
    Value one = b.constant("one", Tensor.ofLong(1));
    Value counted = b.op("Range", zero, b.squeeze(tokens, 0), one);
    return b.unsqueeze(b.op("Gather", cache, b.add(counted, positions)), 0, 1);
  }
}
