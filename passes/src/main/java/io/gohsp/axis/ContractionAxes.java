package io.gohsp.axis;

import io.gohsp.axis.Contraction.Kind;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.EinsumOp;
import io.gohsp.op.ReduceOp;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Operators that multiply and add up: the axis they add up over can lose positions exactly. */
final class ContractionAxes {
  private ContractionAxes() {}

  static void register(AxisRules rules) {
    rules.add((node, axes) -> matMul(node, axes, false, false), "MatMul");
    rules.add(ContractionAxes::matMulInteger, "MatMulInteger");
    rules.add(ContractionAxes::qLinearMatMul, "QLinearMatMul");
    rules.add(ContractionAxes::gemm, "Gemm");
    rules.add(ContractionAxes::einsum, "Einsum");
    rules.add(ContractionAxes::sumOfZeroes, "ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare");
    rules.addMicrosoft(ContractionAxes::fusedMatMul, "FusedMatMul");
    rules.addMicrosoft(ContractionAxes::gemm, "FusedGemm");
    rules.addMicrosoft(ContractionAxes::qGemm, "QGemm");
    rules.addMicrosoft(ContractionAxes::matMulNBits, "MatMulNBits");
    rules.addMicrosoft(ContractionAxes::matMulIntegerToFloat, "MatMulIntegerToFloat");
    rules.addMicrosoft(ContractionAxes::dynamicQuantizeMatMul, "DynamicQuantizeMatMul");
  }

  /**
   * How a product reads an operand: which of the last two axes it adds up over, and where its rows
   * are.
   */
  private record Operand(
      Value value, List<AxisLayout> batch, @Nullable AxisLayout outer, AxisLayout inner) {
    /**
     * @param transposed whether the last two axes are swapped
     * @param rotated whether rows come first of all, before the batch axes
     */
    static Operand of(Value value, boolean left, boolean transposed, boolean rotated, Axes axes) {
      List<AxisLayout> all = axes.of(value);
      int rank = all.size();
      if (rank == 1) {
        return new Operand(value, List.of(), null, all.get(0));
      }
      AxisLayout rows = all.get(rotated ? 0 : rank - 2);
      AxisLayout columns = all.get(rank - 1);
      List<AxisLayout> batch = rotated ? all.subList(1, rank - 1) : all.subList(0, rank - 2);
      return left == transposed
          ? new Operand(value, batch, columns, rows)
          : new Operand(value, batch, rows, columns);
    }
  }

  /**
   * [..., M, K] x [..., K, N] -> [..., M, N]; a vector stands for a matrix whose missing axis is
   * left out again.
   */
  private static void matMul(Node node, Axes axes, boolean transA, boolean transB) {
    matMul(
        node,
        Operand.of(node.input(0), true, transA, false, axes),
        Operand.of(node.input(1), false, transB, false, axes),
        axes);
  }

  private static void matMul(Node node, Operand a, Operand b, Axes axes) {
    List<AxisLayout> out = axes.of(node.output());
    int rank = out.size();
    Kind kind = kind(a, b, axes);
    axes.meet(a.inner(), b.inner(), kind, node);
    if (b.outer() != null) {
      axes.unify(b.outer(), out.get(rank - 1), node);
    }
    if (a.outer() != null) {
      axes.unify(a.outer(), out.get(b.outer() == null ? rank - 1 : rank - 2), node);
    }
    int batchEnd = rank - (a.outer() == null ? 0 : 1) - (b.outer() == null ? 0 : 1);
    List<AxisLayout> batch = out.subList(0, batchEnd);
    batchPasses(node, a, batch, axes);
    batchPasses(node, b, batch, axes);
    axes.contract(
        new Contraction(node, kind, a.inner(), gates(a, b, axes), batch, free(a, b, axes)));
  }

  /** Of a layer what its weights bring in, on whichever side they stand; of a product both. */
  private static List<AxisLayout> free(Operand a, Operand b, Axes axes) {
    boolean product = kind(a, b, axes) == Kind.ACTIVATIONS;
    List<Operand> sides =
        product ? List.of(b, a) : List.of(isWeight(b, axes) || !isWeight(a, axes) ? b : a);
    return sides.stream()
        .map(Operand::outer)
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull)
        .toList();
  }

  private static void batchPasses(Node node, Operand operand, List<AxisLayout> batch, Axes axes) {
    int shift = batch.size() - operand.batch().size();
    for (int axis = 0; axis < operand.batch().size(); axis++) {
      if (!operand.batch().get(axis).size().is(1)) {
        axes.match(operand.batch().get(axis), batch.get(axis + shift), node);
      }
    }
  }

  /**
   * Weights have no batch axes; a constant that has some is an activation that happens to be known
   * (a query token).
   */
  private static boolean isWeight(Operand operand, Axes axes) {
    return axes.isConstant(operand.value())
        && operand.batch().stream().allMatch(axis -> axis.size().is(1));
  }

  private static Kind kind(Operand a, Operand b, Axes axes) {
    return isWeight(a, axes) || isWeight(b, axes) ? Kind.WEIGHT : Kind.ACTIVATIONS;
  }

  /** Zeroing one operand is enough; the activation, because its weights may have other readers. */
  private static List<Value> gates(Operand a, Operand b, Axes axes) {
    boolean onlyA = axes.isConstant(a.value()) && !axes.isConstant(b.value());
    return List.of(onlyA ? b.value() : a.value());
  }

  static Kind kind(Value a, Value b, Axes axes) {
    return axes.isConstant(a) || axes.isConstant(b) ? Kind.WEIGHT : Kind.ACTIVATIONS;
  }

  private static void fusedMatMul(Node node, Axes axes) {
    matMul(node, fusedOperand(node, 0, "A", axes), fusedOperand(node, 1, "B", axes), axes);
  }

  private static Operand fusedOperand(Node node, int index, String letter, Axes axes) {
    boolean transposed = node.intAttribute("trans" + letter, 0) != 0;
    boolean rotated = node.intAttribute("transBatch" + letter, 0) != 0;
    return Operand.of(node.input(index), index == 0, transposed, rotated, axes);
  }

  private static void matMulInteger(Node node, Axes axes) {
    matMul(node, axes, false, false);
    perRow(node, node.optionalInput(2), axes);
    perColumn(node, node.optionalInput(3), axes);
  }

  private static void matMulIntegerToFloat(Node node, Axes axes) {
    matMul(
        node, axes, false,
        false); // A, B, scale of A, scale of B, zero point of A, zero point of B, bias
    perRow(node, node.optionalInput(2), axes);
    perRow(node, node.optionalInput(4), axes);
    perColumn(node, node.optionalInput(3), axes);
    perColumn(node, node.optionalInput(5), axes);
    perColumn(node, node.optionalInput(6), axes);
  }

  private static void dynamicQuantizeMatMul(Node node, Axes axes) {
    matMul(node, axes, false, false); // A, B, scale of B, zero point of B, bias
    perColumn(node, node.optionalInput(2), axes);
    perColumn(node, node.optionalInput(3), axes);
    perColumn(node, node.optionalInput(4), axes);
  }

  private static void qLinearMatMul(Node node, Axes axes) {
    matMul(
        node,
        Operand.of(node.input(0), true, false, false, axes),
        Operand.of(node.input(3), false, false, false, axes),
        axes);
    for (int i : new int[] {1, 2}) {
      perRow(node, node.optionalInput(i), axes);
    }
    for (int i : new int[] {4, 5}) {
      perColumn(node, node.optionalInput(i), axes);
    }
    for (int i : new int[] {6, 7}) {
      perRow(node, node.optionalInput(i), axes);
    }
  }

  private static void perColumn(Node node, @Nullable Value operand, Axes axes) {
    if (operand != null && axes.rank(operand) > 0 && !axes.isOne(operand, -1)) {
      axes.unify(axes.of(operand, -1), axes.of(node.output(), -1), node);
    }
  }

  private static void perRow(Node node, @Nullable Value operand, Axes axes) {
    if (operand != null && axes.rank(operand) > 0 && !axes.isOne(operand, -1)) {
      axes.fixValue(operand, node, "quantises the rows of an activation one by one");
    }
  }

  private static void gemm(Node node, Axes axes) {
    matMul(node, axes, node.intAttribute("transA", 0) != 0, node.intAttribute("transB", 0) != 0);
    Value bias = node.optionalInput(2);
    if (bias != null) {
      axes.broadcast(bias, node.output(), node);
    }
  }

  /** A and B with scale and zero point each, C (already in units of both), those of the result. */
  private static void qGemm(Node node, Axes axes) {
    matMul(
        node,
        Operand.of(node.input(0), true, node.intAttribute("transA", 0) != 0, false, axes),
        Operand.of(node.input(3), false, node.intAttribute("transB", 0) != 0, false, axes),
        axes);
    perRow(node, node.optionalInput(1), axes);
    perRow(node, node.optionalInput(2), axes);
    perColumn(node, node.optionalInput(4), axes);
    perColumn(node, node.optionalInput(5), axes);
    Value bias = node.optionalInput(6);
    if (bias != null) {
      axes.broadcast(bias, node.output(), node);
    }
    perRow(node, node.optionalInput(7), axes);
    perRow(node, node.optionalInput(8), axes);
  }

  /** Every letter is one axis; letters missing from the result are added up over. */
  private static void einsum(Node node, Axes axes) {
    EinsumOp einsum = EinsumOp.of(node).expanded(node.presentInputs().map(axes::rank).toList());
    Map<String, AxisLayout> byLabel = new LinkedHashMap<>();
    List<Value> operands = node.presentInputs().toList();
    Value a = operands.get(0);
    Value b = operands.get(operands.size() - 1);
    Kind kind = operands.size() == 1 ? Kind.SUM : kind(a, b, axes);
    for (int i = 0; i < operands.size(); i++) {
      relate(operands.get(i), einsum.operands().get(i), byLabel, einsum, kind, node, axes);
    }
    relate(node.output(), einsum.output(), byLabel, einsum, kind, node, axes);
    if (operands.size() > 2) {
      byLabel
          .values()
          .forEach(axis -> axes.fix(axis, node, "multiplies more than two operands at once"));
      return;
    }
    List<String> left = einsum.operands().get(0);
    List<String> right = operands.size() == 1 ? List.of() : einsum.operands().get(1);
    boolean weightsFirst = kind == Kind.WEIGHT && axes.isConstant(a) && !axes.isConstant(b);
    List<AxisLayout> batch = new ArrayList<>();
    List<AxisLayout> free = new ArrayList<>();
    for (String label : einsum.output()) {
      if (left.contains(label) && right.contains(label)) {
        batch.add(byLabel.get(label));
      } else if (kind == Kind.ACTIVATIONS || (weightsFirst ? left : right).contains(label)) {
        free.add(byLabel.get(label));
      }
    }
    List<AxisLayout> reduced = new ArrayList<>();
    List<Value> gates = new ArrayList<>();
    byLabel.forEach(
        (label, axis) -> {
          if (!einsum.output().contains(label)) {
            reduced.add(axis);
            boolean gateLeft =
                left.contains(label) && !(axes.isConstant(a) && right.contains(label));
            Value gate = gateLeft ? a : b;
            if (!gates.contains(gate)) {
              gates.add(gate);
            }
          }
        });
    axes.contract(new Contraction(node, kind, new AxisLayout.Product(reduced), gates, batch, free));
  }

  private static void relate(
      Value value,
      List<String> labels,
      Map<String, AxisLayout> byLabel,
      EinsumOp einsum,
      Kind kind,
      Node node,
      Axes axes) {
    for (int axis = 0; axis < labels.size(); axis++) {
      AxisLayout layout = axes.of(value, axis);
      AxisLayout known = byLabel.get(labels.get(axis));
      if (known == null || known.size().equals(Size.ONE)) {
        byLabel.put(labels.get(axis), layout);
      } else if (!axes.isOne(value, axis)) {
        boolean isKept = einsum.output().contains(labels.get(axis));
        axes.meet(known, layout, isKept ? Kind.SUM : kind, node);
      }
    }
  }

  /** Sums (of magnitudes, of squares) in which a zero does not count. */
  private static void sumOfZeroes(Node node, Axes axes) {
    Value in = node.input(0);
    List<AxisLayout> reduced = new ArrayList<>();
    ReduceOp reduce = ReduceOp.of(node, axes.facts()::constants);
    List<Integer> over = reduce.axes(axes.rank(in));
    if (over == null) {
      axes.fixAll(node, "adds up over axes that are computed at run time");
      return;
    }
    int to = 0;
    for (int axis = 0; axis < axes.rank(in); axis++) {
      if (over.contains(axis)) {
        reduced.add(axes.of(in, axis));
        to += reduce.keepDims() ? 1 : 0;
      } else {
        axes.unify(axes.of(in, axis), axes.of(node.output(), to++), node);
      }
    }
    axes.contract(
        new Contraction(
            node, Kind.SUM, new AxisLayout.Product(reduced), List.of(in), List.of(), List.of()));
  }

  /**
   * B is [N, blocks of K, bytes], scales and zero points go by block: only N can lose positions.
   */
  private static void matMulNBits(Node node, Axes axes) {
    Value a = node.input(0);
    String reason = "its weights are quantised in blocks along this axis";
    axes.fix(axes.of(a, -1), node, reason);
    Value out = node.output();
    for (int axis = 0; axis < axes.rank(a) - 1; axis++) {
      axes.unify(axes.of(a, axis), axes.of(out, axis), node);
    }
    AxisLayout n = axes.of(out, -1);
    axes.contract(
        new Contraction(node, Kind.WEIGHT, axes.of(a, -1), List.of(a), List.of(), List.of(n)));
    for (int i = 1; i < node.inputs().size(); i++) {
      Value operand = node.optionalInput(i);
      if (operand == null) {
        continue;
      }
      if (i == 4) {
        axes.fixValue(operand, node, reason); // the order of groups along K
        continue;
      }
      AxisLayout first = axes.of(operand, 0);
      Size perColumn = first.size().dividedBy(n.size());
      if (perColumn == null) {
        axes.fix(n, node, "its quantisation parameters are not laid out by column");
        axes.fixValue(operand, node, reason);
        continue;
      }
      axes.unify(first, axes.product(n, axes.fresh(perColumn)), node);
      for (int axis = 1; axis < axes.rank(operand); axis++) {
        axes.fix(axes.of(operand, axis), node, reason);
      }
    }
  }
}
