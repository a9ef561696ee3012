package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Operators that are a whole attention. A query-key column counts nothing where either side is
 * zero; the result is zero where the values are, for it is an average of them. Probabilities never
 * are.
 */
final class AttentionZeros {
  private final Node node;
  private final Zeros zeros;
  private final AxisLayout headAxis;
  private final AxisLayout columnAxis;
  private final int heads;
  private final int qk;
  private final int v;

  private AttentionZeros(Node node, Contraction scores, Contraction weighted, Zeros zeros) {
    this.node = node;
    this.zeros = zeros;
    headAxis = scores.batch().get(0);
    columnAxis = scores.reduced();
    heads = zeros.resolution().count(headAxis);
    qk = zeros.resolution().count(columnAxis);
    v = zeros.resolution().count(weighted.free().get(0));
  }

  static void register(ZeroRules rules) {
    rules.add((node, zeros) -> infer(node, zeros, AttentionZeros::attention), "Attention");
    rules.addMicrosoft(
        (node, zeros) -> infer(node, zeros, a -> a.packed(zeros.of(node.input(1)), 1)),
        "Attention");
    rules.addMicrosoft(
        (node, zeros) ->
            infer(
                node,
                zeros,
                a -> a.packed(zeros.relativeTo(node.input(1), node.optionalInput(7), 1), 1)),
        "QAttention");
    rules.addMicrosoft(
        (node, zeros) -> infer(node, zeros, AttentionZeros::multiHead), "MultiHeadAttention");
  }

  private static void infer(Node node, Zeros zeros, Consumer<AttentionZeros> rule) {
    List<Contraction> products =
        zeros.products(node); // none: the axis analysis could not follow the node
    if (products.size() == 2) {
      rule.accept(new AttentionZeros(node, products.get(0), products.get(1), zeros));
    }
  }

  /**
   * Q [B,H,L,dq], K [B,G,S,dq], V [B,G,S,dv], or with heads and columns merged into the last axis.
   */
  private void attention() {
    Value key = node.input(1);
    boolean merged = zeros.axes(node.input(0)) != null && zeros.dims(node.input(0)).length == 3;
    if (zeros.axes(key) == null || qk == 0) {
      return;
    }
    int groups = merged ? zeros.dims(key)[2] / qk : zeros.dims(key)[1];
    if (groups == 0 || heads % groups != 0) {
      return;
    }
    scores(byHead(node.input(0), heads, qk), repeated(byHead(key, groups, qk), groups));
    result(repeated(byHead(node.input(2), groups, v), groups));
  }

  /** Q [B,L,H*dq], K [B,S,H*dq] or [B,H,S,dq], V likewise; one packed bias for all three. */
  private void multiHead() {
    Value bias = node.optionalInput(3);
    ZeroMask packed = bias == null ? null : zeros.of(bias);
    if (bias != null && packed == null) {
      scores(null, null);
      return;
    }
    int part = heads * qk;
    scores(
        both(byHead(node.input(0), heads, qk), segment(packed, 0, qk)),
        both(byHead(node.input(1), heads, qk), segment(packed, part, qk)));
    result(both(byHead(node.input(2), heads, v), segment(packed, 2 * part, v)));
  }

  /** X [B,N,D], W [D, H*dq + H*dq + H*dv], a bias like W's columns or none. */
  private void packed(@Nullable ZeroMask weights, int columns) {
    Value bias = node.optionalInput(2);
    ZeroMask added = zeros.ofOptional(bias);
    if (weights == null || weights.rank() != 2 || (bias != null && added == null)) {
      scores(null, null);
      return;
    }
    ZeroMask projection = weights.everywhereAlong(0).reshaped(weights.dim(columns));
    ZeroMask all = added == null ? projection : projection.and(added);
    int part = heads * qk;
    scores(segment(all, 0, qk), segment(all, part, qk));
    result(segment(all, 2 * part, v));
  }

  /** [heads, width] of a packed vector. */
  private @Nullable ZeroMask segment(@Nullable ZeroMask packed, int from, int width) {
    if (packed == null || packed.dim(0) != heads * (2 * qk + v)) {
      return null;
    }
    int[] positions = IntStream.range(from, from + heads * width).toArray();
    return packed.select(0, positions).reshaped(heads, width);
  }

  /** [heads, width] of an operand [B, L, heads*width] or [B, heads, L, width]. */
  private @Nullable ZeroMask byHead(Value operand, int count, int width) {
    ZeroMask mask = zeros.of(operand);
    if (mask == null) {
      return null;
    }
    ZeroMask shrunk = mask.everywhereAlong(0).everywhereAlong(mask.rank() == 3 ? 1 : 2);
    return ZeroMask.volume(shrunk.dims()) == count * width ? shrunk.reshaped(count, width) : null;
  }

  /** From groups of heads to heads: each group's for all its heads. */
  private @Nullable ZeroMask repeated(@Nullable ZeroMask byGroup, int groups) {
    int each = heads / groups;
    return byGroup == null
        ? null
        : byGroup.select(0, IntStream.range(0, heads).map(h -> h / each).toArray());
  }

  /** An absent bias is zero. */
  private @Nullable ZeroMask both(@Nullable ZeroMask operand, @Nullable ZeroMask bias) {
    if (operand == null || node.optionalInput(3) == null) {
      return operand;
    }
    return bias == null ? null : operand.and(bias);
  }

  private void scores(@Nullable ZeroMask query, @Nullable ZeroMask key) {
    ZeroMask either = query == null ? key : key == null ? query : query.or(key);
    zeros.contribute(
        new Contribution(
            node,
            List.of(columnAxis, headAxis),
            1,
            either == null ? null : either.permuted(List.of(1, 0))));
  }

  private void result(@Nullable ZeroMask values) {
    int[] dims = zeros.dims(node.output());
    boolean merged = dims.length == 3;
    if (values != null && (merged ? dims[2] == heads * v : dims[1] == heads && dims[3] == v)) {
      ZeroMask shaped = merged ? values.reshaped(1, 1, heads * v) : values.reshaped(1, heads, 1, v);
      zeros.set(node.output(), shaped.spread(dims));
    }
  }
}
