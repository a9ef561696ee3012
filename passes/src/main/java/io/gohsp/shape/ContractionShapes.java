package io.gohsp.shape;

import io.gohsp.op.EinsumOp;
import io.gohsp.op.GemmOp;
import io.gohsp.op.MatMulOp;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators that sum products over common axes. */
final class ContractionShapes {
  private ContractionShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(facts -> matMul(facts, 1, facts.type(0)), "MatMul");
    rules.microsoft(
        facts -> matMul(facts, 1, facts.type(0)), "FusedMatMul", "TransposeMatMul", "GemmFastGelu");
    rules.standard(facts -> gemm(facts, 1, facts.type(0)), "Gemm");
    rules.microsoft(facts -> gemm(facts, 1, facts.type(0)), "FusedGemm");
    rules.standard(ContractionShapes::einsum, "Einsum");
  }

  /**
   * @param right which operand is the second matrix
   */
  static void matMul(NodeFacts facts, int right, @Nullable ElementType type) {
    List<Size> a = facts.shape(0);
    List<Size> b = facts.shape(right);
    if (a == null || b == null) {
      facts.result(type, null);
      return;
    }
    if (a.isEmpty() || b.isEmpty()) {
      throw facts.malformed("multiplies a scalar");
    }
    MatMulOp op = MatMulOp.of(facts.node());
    boolean row = a.size() == 1;
    boolean column = b.size() == 1;
    a = row ? List.of(Size.ONE, a.get(0)) : oriented(a, op.transBatchA(), op.transA());
    b = column ? List.of(b.get(0), Size.ONE) : oriented(b, op.transBatchB(), op.transB());
    Size inner = a.get(a.size() - 1);
    Size other = b.get(b.size() - 2);
    if (inner.isKnown() && other.isKnown() && !inner.equals(other)) {
      throw facts.malformed("cannot contract an extent of " + inner + " with one of " + other);
    }
    List<Size> batch =
        Broadcast.shapes(facts, List.of(a.subList(0, a.size() - 2), b.subList(0, b.size() - 2)));
    List<Size> shape = new ArrayList<>(batch == null ? List.of() : batch);
    if (!row) {
      shape.add(a.get(a.size() - 2));
    }
    if (!column) {
      shape.add(b.get(b.size() - 1));
    }
    facts.result(type, List.copyOf(shape));
  }

  private static List<Size> oriented(List<Size> shape, boolean transBatch, boolean trans) {
    List<Size> result = new ArrayList<>(shape);
    int last = shape.size() - 1;
    if (transBatch) {
      result.add(last - 1, result.remove(0));
    }
    if (trans) {
      result.add(last, result.remove(last - 1));
    }
    return result;
  }

  static void gemm(NodeFacts facts, int right, @Nullable ElementType type) {
    GemmOp op = GemmOp.of(facts.node());
    List<Size> a = facts.shape(0);
    List<Size> b = facts.shape(right);
    if ((a != null && a.size() != 2) || (b != null && b.size() != 2)) {
      throw facts.malformed("multiplies " + a + " and " + b + ", which are not both matrices");
    }
    if (a != null && b != null) {
      Size inner = a.get(op.transA() ? 0 : 1);
      Size other = b.get(op.transB() ? 1 : 0);
      if (inner.isKnown() && other.isKnown() && !inner.equals(other)) {
        throw facts.malformed("cannot contract an extent of " + inner + " with one of " + other);
      }
    }
    Size rows = a == null ? facts.fresh(0, 0) : a.get(op.transA() ? 1 : 0);
    Size columns = b == null ? facts.fresh(0, 1) : b.get(op.transB() ? 0 : 1);
    facts.result(type, List.of(rows, columns));
  }

  private static void einsum(NodeFacts facts) {
    EinsumOp op = EinsumOp.of(facts.node());
    List<Integer> ranks = new ArrayList<>();
    for (int i = 0; i < facts.inputs(); i++) {
      List<Size> shape = facts.shape(i);
      if (shape == null) {
        boolean open = op.output().contains(EinsumOp.ELLIPSIS);
        facts.result(facts.type(0), open ? null : facts.freshShape(0, op.output().size()));
        return;
      }
      ranks.add(shape.size());
    }
    EinsumOp expanded = op.expanded(ranks);
    Map<String, Size> extents = new LinkedHashMap<>();
    for (int i = 0; i < facts.inputs(); i++) {
      List<String> labels = expanded.operands().get(i);
      List<Size> shape = facts.shape(i);
      for (int axis = 0; shape != null && axis < labels.size(); axis++) {
        extents.merge(labels.get(axis), shape.get(axis), (a, b) -> Broadcast.extents(facts, a, b));
      }
    }
    facts.result(facts.type(0), expanded.output().stream().map(extents::get).toList());
  }
}
