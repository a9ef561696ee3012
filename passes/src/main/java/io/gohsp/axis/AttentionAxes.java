package io.gohsp.axis;

import io.gohsp.axis.Contraction.Kind;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operators that are a whole attention: they contract QK columns, carry heads, and pass V columns
 * on.
 */
final class AttentionAxes {
  private AttentionAxes() {}

  static void register(AxisRules rules) {
    rules.add(AttentionAxes::attention, "Attention");
    rules.add((node, axes) -> rotary(node, node.input(1), node.input(2), axes), "RotaryEmbedding");
    rules.addMicrosoft(
        (node, axes) -> rotary(node, node.input(2), node.input(3), axes), "RotaryEmbedding");
    rules.addMicrosoft(AttentionAxes::packedAttention, "Attention");
    rules.addMicrosoft(AttentionAxes::quantizedAttention, "QAttention");
    rules.addMicrosoft(AttentionAxes::multiHeadAttention, "MultiHeadAttention");
  }

  /**
   * Q [B,H,L,dq], K [B,G,S,dq], V [B,G,S,dv] -> [B,H,L,dv], or with heads and columns merged into
   * the last axis.
   */
  private static void attention(Node node, Axes axes) {
    if (node.optionalInput(4) != null || node.optionalOutput(1) != null) {
      axes.fixAll(node, "keeps keys and values for later steps");
      return;
    }
    Value q = node.input(0);
    Value k = node.input(1);
    Value v = node.input(2);
    Value out = node.output();
    boolean merged = axes.rank(q) == 3;
    Size heads = merged ? Size.of(node.intAttribute("q_num_heads", 0)) : axes.size(q, 1);
    Size groups = merged ? Size.of(node.intAttribute("kv_num_heads", 0)) : axes.size(k, 1);
    Size repeats = groups.equals(Size.of(0)) ? null : heads.dividedBy(groups);
    Size columns = merged ? axes.size(q, -1).dividedBy(heads) : axes.size(q, -1);
    Size valueColumns = merged ? axes.size(v, -1).dividedBy(groups) : axes.size(v, -1);
    if (repeats == null || columns == null || valueColumns == null) {
      axes.fixAll(node, "has heads that do not divide its axes");
      return;
    }
    AxisLayout g = axes.fresh(groups);
    AxisLayout h = axes.product(g, axes.fresh(repeats));
    AxisLayout dq = axes.fresh(columns);
    AxisLayout dv = axes.fresh(valueColumns);
    headsAndColumns(node, q, h, dq, merged, axes);
    headsAndColumns(node, k, g, axes.counterpart(dq, node), merged, axes);
    headsAndColumns(node, v, g, dv, merged, axes);
    headsAndColumns(node, out, h, dv, merged, axes);
    axes.unify(axes.of(q, -2), axes.of(out, -2), node);
    axes.unify(axes.of(k, -2), axes.of(v, -2), node);
    axes.fix(axes.of(k, -2), node, "is normalised by the softmax of the attention");
    for (Value operand : List.of(q, k, v)) {
      axes.unify(axes.of(operand, 0), axes.of(out, 0), node);
    }
    mask(node, node.optionalInput(3), h, axes);
    Value scores = node.optionalOutput(3);
    if (scores != null) {
      axes.unify(axes.of(scores, 1), h, node);
    }
    contract(node, dq, List.of(q), h, dv, axes);
  }

  /**
   * X [B,H,N,d] or [B,N,H*d], cos and sin [.., d/2]: columns go in pairs, neighbours or one of each
   * half.
   */
  private static void rotary(Node node, Value cos, Value sin, Axes axes) {
    Value x = node.input(0);
    AxisLayout pairs = axes.of(cos, -1);
    if (node.intAttribute("rotary_embedding_dim", 0) != 0) {
      axes.fixAll(node, "turns only some of the columns");
      return;
    }
    AxisLayout columns =
        node.intAttribute("interleaved", 0) != 0
            ? axes.product(pairs, axes.sum(AxisLayout.UNIT, AxisLayout.UNIT))
            : axes.sum(pairs, pairs);
    Size heads = axes.size(x, -1).dividedBy(columns.size());
    boolean merged = axes.rank(x) == 3;
    if (!pairs.size().isKnown() || heads == null || !(merged || heads.is(1))) {
      axes.fixAll(node, "has columns that do not match its angles");
      return;
    }
    axes.unifyAll(x, node.output(), node);
    axes.unify(axes.of(x, -1), merged ? axes.product(axes.fresh(heads), columns) : columns, node);
    axes.unify(pairs, axes.of(sin, -1), node);
    for (Value angles : List.of(cos, sin)) {
      for (int axis = 0; axis < axes.rank(angles) - 1; axis++) {
        axes.fix(axes.of(angles, axis), node, "is a position");
      }
    }
    for (int axis = 0; axis < axes.rank(x) - 1; axis++) {
      if (axis != 1 || merged) {
        axes.fix(axes.of(x, axis), node, "is a position");
      }
    }
    node.presentInputs()
        .filter(value -> !List.of(x, cos, sin).contains(value))
        .forEach(positions -> axes.fixValue(positions, node, "is a position"));
  }

  private static void headsAndColumns(
      Node node, Value value, AxisLayout heads, AxisLayout columns, boolean merged, Axes axes) {
    if (merged) {
      axes.unify(axes.of(value, -1), axes.product(heads, columns), node);
    } else {
      axes.unify(axes.of(value, 1), heads, node);
      axes.unify(axes.of(value, -1), columns, node);
    }
  }

  /** A mask or bias [.., H or 1, L, S]: its heads go with the others. */
  private static void mask(Node node, @Nullable Value mask, AxisLayout heads, Axes axes) {
    if (mask == null) {
      return;
    }
    for (int axis = 0; axis < axes.rank(mask); axis++) {
      if (axis == axes.rank(mask) - 3 && !axes.isOne(mask, axis)) {
        axes.unify(axes.of(mask, axis), heads, node);
      } else {
        axes.fix(axes.of(mask, axis), node, "is a position of the attention mask");
      }
    }
  }

  private static void contract(
      Node node, AxisLayout dq, List<Value> gates, AxisLayout heads, AxisLayout dv, Axes axes) {
    axes.contract(new Contraction(node, Kind.ACTIVATIONS, dq, gates, List.of(heads), List.of()));
    axes.contract(
        new Contraction(
            node, Kind.ACTIVATIONS, AxisLayout.UNIT, List.of(), List.of(heads), List.of(dv)));
  }

  /** X [B,N,D], W [D, H*dq + H*dq + H*dv], b the same -> [B,N,H*dv]. */
  private static void packedAttention(Node node, Axes axes) {
    if (node.optionalInput(4) != null || node.optionalOutput(1) != null) {
      axes.fixAll(node, "keeps keys and values for later steps");
      return;
    }
    Value x = node.input(0);
    Value w = node.input(1);
    Size heads = Size.of(node.intAttribute("num_heads", 0));
    List<Long> widths = node.intsAttribute("qkv_hidden_sizes");
    Size third = axes.size(w, 1).dividedBy(Size.of(3));
    Size qk = widths == null ? third : Size.of(widths.get(0));
    Size value = widths == null ? third : Size.of(widths.get(2));
    if (qk == null
        || value == null
        || qk.dividedBy(heads) == null
        || value.dividedBy(heads) == null) {
      axes.fixAll(node, "has heads that do not divide its axes");
      return;
    }
    AxisLayout h = axes.fresh(heads);
    AxisLayout dq = axes.fresh(qk.dividedBy(heads));
    AxisLayout dv = axes.fresh(value.dividedBy(heads));
    if (node.intAttribute("do_rotary", 0) != 0) {
      axes.fix(dq, node, "is rotated by position");
    }
    AxisLayout dk = axes.counterpart(dq, node);
    AxisLayout packed = axes.sum(axes.product(h, dq), axes.product(h, dk), axes.product(h, dv));
    packedOperands(node, x, w, packed, axes);
    axes.unify(axes.of(node.output(), 2), axes.product(h, dv), node);
    Value keyMask = node.optionalInput(3);
    if (keyMask != null) {
      axes.fixValue(keyMask, node, "is a position of the attention mask");
    }
    mask(node, node.optionalInput(5), h, axes);
    List<Value> gates = new ArrayList<>(List.of(w));
    if (node.optionalInput(2) != null) {
      gates.add(node.input(2));
    }
    contract(node, dq, gates, h, dv, axes);
  }

  private static void packedOperands(Node node, Value x, Value w, AxisLayout packed, Axes axes) {
    axes.unify(axes.of(x, 2), axes.of(w, 0), node);
    axes.unify(axes.of(w, 1), packed, node);
    Value bias = node.optionalInput(2);
    if (bias != null) {
      axes.unify(axes.of(bias, 0), packed, node);
    }
    axes.unify(axes.of(x, 0), axes.of(node.output(), 0), node);
    axes.unify(axes.of(x, 1), axes.of(node.output(), 1), node);
    axes.fix(axes.of(x, 1), node, "is normalised by the softmax of the attention");
    axes.contract(
        new Contraction(
            node, Kind.WEIGHT, axes.of(x, 2), List.of(x), List.of(), List.of(axes.of(w, 1))));
  }

  /** As packed attention, on integers; all three parts have one width, so columns stay. */
  private static void quantizedAttention(Node node, Axes axes) {
    if (node.optionalInput(8) != null || node.optionalOutput(1) != null) {
      axes.fixAll(node, "keeps keys and values for later steps");
      return;
    }
    Value x = node.input(0);
    Value w = node.input(1);
    Size heads = Size.of(node.intAttribute("num_heads", 0));
    Size width = axes.size(w, 1).dividedBy(Size.of(3).times(heads));
    if (width == null) {
      axes.fixAll(node, "has heads that do not divide its axes");
      return;
    }
    AxisLayout h = axes.fresh(heads);
    AxisLayout d = axes.fresh(width);
    axes.fix(d, node, "QAttention has one width for queries, keys and values");
    AxisLayout part = axes.product(h, d);
    AxisLayout packed = axes.sum(part, part, part);
    packedOperands(node, x, w, packed, axes);
    axes.unify(axes.of(node.output(), 2), part, node);
    for (int i : new int[] {4, 7}) { // scale and zero point of the weights
      Value parameter = node.optionalInput(i);
      if (parameter != null && axes.rank(parameter) == 1 && !axes.isOne(parameter, 0)) {
        axes.unify(axes.of(parameter, 0), packed, node);
      }
    }
    contract(node, d, List.of(), h, d, axes);
  }

  /**
   * Q [B,L,H*dq], K [B,S,H*dq] (or [B,H,S,dq]), V likewise -> [B,L,H*dv]; the bias is of all three,
   * packed.
   */
  private static void multiHeadAttention(Node node, Axes axes) {
    Value q = node.input(0);
    Value k = node.optionalInput(1);
    Value v = node.optionalInput(2);
    boolean plain =
        k != null
            && v != null
            && axes.rank(q) == 3
            && axes.rank(k) == axes.rank(v)
            && axes.rank(k) != 5;
    boolean cached = node.optionalInput(6) != null || node.optionalOutput(1) != null;
    if (!plain || k == null || v == null || cached) {
      axes.fixAll(
          node,
          cached
              ? "keeps keys and values for later steps"
              : "packs its operands in a way that is not followed");
      return;
    }
    boolean merged = axes.rank(k) == 3;
    Size heads = Size.of(node.intAttribute("num_heads", 0));
    Size columns = axes.size(q, -1).dividedBy(heads);
    Size valueColumns = axes.size(node.output(), -1).dividedBy(heads);
    if (columns == null || valueColumns == null) {
      axes.fixAll(node, "has heads that do not divide its axes");
      return;
    }
    AxisLayout h = axes.fresh(heads);
    AxisLayout dq = axes.fresh(columns);
    AxisLayout dv = axes.fresh(valueColumns);
    headsAndColumns(node, q, h, dq, true, axes);
    AxisLayout dk = axes.counterpart(dq, node);
    headsAndColumns(node, k, h, dk, merged, axes);
    headsAndColumns(node, v, h, dv, merged, axes);
    headsAndColumns(node, node.output(), h, dv, true, axes);
    axes.unify(axes.of(q, 1), axes.of(node.output(), 1), node);
    axes.unify(axes.of(k, -2), axes.of(v, -2), node);
    axes.fix(axes.of(k, -2), node, "is normalised by the softmax of the attention");
    for (Value operand : List.of(q, k, v)) {
      axes.unify(axes.of(operand, 0), axes.of(node.output(), 0), node);
    }
    List<Value> gates = new ArrayList<>(List.of(q));
    Value bias = node.optionalInput(3);
    if (bias != null) {
      axes.unify(
          axes.of(bias, 0),
          axes.sum(axes.product(h, dq), axes.product(h, dk), axes.product(h, dv)),
          node);
      gates.add(bias);
    }
    Value keyMask = node.optionalInput(4);
    if (keyMask != null) {
      axes.fixValue(keyMask, node, "is a position of the attention mask");
    }
    mask(node, node.optionalInput(5), h, axes);
    contract(node, dq, gates, h, dv, axes);
  }
}
