package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.EinsumOp;
import io.gohsp.op.GemmOp;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Products of matrices. */
final class ContractionGradients {
  private ContractionGradients() {}

  static void register(GradientRules rules) {
    rules.one(ContractionGradients::matMul, "MatMul");
    rules.one(ContractionGradients::gemm, "Gemm");
    rules.one(ContractionGradients::einsum, "Einsum");
  }

  /**
   * {@code Y = A B}: {@code dA = dY Bᵀ}, {@code dB = Aᵀ dY}.
   *
   * <p>Where {@code B} is one matrix [k, m] for all of {@code A}'s leading axes, as weights are,
   * both become one Gemm over rows: {@code dB = A[rows, k]ᵀ dY[rows, m]}. Transposes stand right in
   * front of batched products, where ONNX Runtime makes flags of them.
   */
  private static List<@Nullable Value> matMul(Node node, Value dy, GradientContext g) {
    Value a = node.input(0);
    Value b = node.input(1);
    List<Size> left = g.shape(a);
    List<Size> right = g.shape(b);
    if (left.size() == 1 || right.size() == 1) {
      return withVectors(node, dy, g);
    }
    if (right.size() == 2) {
      Value rows = g.rows(dy, g.shape(node.output()));
      return g.both(
          () -> {
            Value product = g.gemm(rows, false, b, true, 1);
            return left.size() == 2 ? product : g.reshapeLike(product, a);
          },
          () -> g.gemm(g.rows(a, left), true, rows, false, 1));
    }
    if (isBatch(left, right)) {
      return batch(node, dy, g);
    }
    return g.both(
        () -> {
          List<Size> from = productShape(g.shape(node.output()), left);
          return g.sumTo(g.matMul(dy, g.swapped(b, right.size())), from, a);
        },
        () -> {
          List<Size> from = productShape(g.shape(node.output()), right);
          return g.sumTo(g.matMul(g.swapped(a, left.size()), dy), from, b);
        });
  }

  /** Whether two operands are as many matrices of known extents, as in attention. */
  private static boolean isBatch(List<Size> left, List<Size> right) {
    int rank = left.size();
    return rank > 3
        && right.size() == rank
        && left.subList(0, rank - 2).equals(right.subList(0, rank - 2))
        && Stream.of(left, right)
            .flatMap(shape -> shape.subList(rank - 2, rank).stream())
            .allMatch(extent -> extent.isKnown() && extent.value() > 0);
  }

  /**
   * Products of as many matrices. Their batch axes are made one first: ONNX Runtime makes flags of
   * the transposes that stand behind these Reshapes, and would merge them with the transposes that
   * separate heads, and compute both results, if nothing stood between.
   *
   * <p>Of the two ways to write {@code dB}, {@code Aᵀ dY} and {@code (dYᵀ A)ᵀ}, the one that reads
   * the wider matrix as it lies is faster; in the second, the transpose at the end becomes part of
   * the gradient of a transpose that made {@code B}, as it does for heads.
   */
  private static List<@Nullable Value> batch(Node node, Value dy, GradientContext g) {
    Value a = node.input(0);
    Value b = node.input(1);
    int rank = g.rank(b);
    Size common = g.shape(a).get(rank - 1);
    Size columns = g.shape(b).get(rank - 1);
    boolean flip =
        common.value() > columns.value()
            && b.producer().filter(producer -> producer.is("Transpose")).isPresent();
    Value left = matrices(a, g.shape(a), g);
    Value right = matrices(b, g.shape(b), g);
    Value product = matrices(dy, g.shape(node.output()), g);
    return g.both(
        () -> g.reshapeLike(g.matMul(product, g.swapped(right, 3)), a),
        () -> {
          if (!flip) {
            return g.reshapeLike(g.matMul(g.swapped(left, 3), product), b);
          }
          List<Size> swapped = new ArrayList<>(g.shape(b));
          Collections.swap(swapped, rank - 1, rank - 2);
          Value transposed = g.matMul(g.swapped(product, 3), left);
          return g.swapped(g.reshape(transposed, g.reshapeTarget(swapped, b)), rank);
        });
  }

  /** [.., n, m] as [-1, n, m]. */
  private static Value matrices(Value x, List<Size> shape, GradientContext g) {
    int rank = shape.size();
    return g.reshape(x, -1, shape.get(rank - 2).value(), shape.get(rank - 1).value());
  }

  /** The batch axes of the product with the matrix axes of an operand. */
  private static List<Size> productShape(List<Size> product, List<Size> operand) {
    List<Size> shape = new ArrayList<>(product.subList(0, product.size() - 2));
    shape.addAll(operand.subList(operand.size() - 2, operand.size()));
    return shape;
  }

  /** A vector on the left is a matrix of one row, on the right of one column. */
  private static List<@Nullable Value> withVectors(Node node, Value dy, GradientContext g) {
    Value a = node.input(0);
    Value b = node.input(1);
    boolean row = g.rank(a) == 1;
    boolean column = g.rank(b) == 1;
    Value left = row ? g.unsqueeze(a, 0) : a;
    Value right = column ? g.unsqueeze(b, 1) : b;
    Value dm = column ? g.unsqueeze(dy, -1) : dy;
    dm = row ? g.unsqueeze(dm, -2) : dm;
    Value full = dm;
    List<Size> batch = new ArrayList<>(row ? g.shape(b) : g.shape(a));
    batch = batch.size() > 2 ? batch.subList(0, batch.size() - 2) : List.of();
    List<Size> ofLeft = new ArrayList<>(batch);
    List<Size> ofRight = new ArrayList<>(batch);
    if (!row) {
      ofLeft.addAll(g.shape(a).subList(batch.size(), g.rank(a)));
    } else {
      ofLeft.addAll(g.shape(a));
    }
    if (!column) {
      ofRight.addAll(g.shape(b).subList(batch.size(), g.rank(b)));
    } else {
      ofRight.addAll(g.shape(b));
    }
    int rightRank = column ? 2 : g.rank(b);
    int leftRank = row ? 2 : g.rank(a);
    return g.both(
        () -> {
          Value da = g.matMul(full, g.swapped(right, rightRank));
          return g.sumTo(row ? g.squeeze(da, -2) : da, ofLeft, a);
        },
        () -> {
          Value db = g.matMul(g.swapped(left, leftRank), full);
          return g.sumTo(column ? g.squeeze(db, -1) : db, ofRight, b);
        });
  }

  /**
   * {@code Y = alpha A' B' + beta C}, where {@code '} transposes or not: {@code dA' = alpha dY
   * B'ᵀ}, {@code dB' = alpha A'ᵀ dY}, {@code dC = beta dY} summed to the shape of {@code C}.
   */
  private static List<@Nullable Value> gemm(Node node, Value dy, GradientContext g) {
    GemmOp op = GemmOp.of(node);
    Value a = node.input(0);
    Value b = node.input(1);
    return Arrays.asList(
        g.when(
            0,
            () ->
                op.transA()
                    ? g.gemm(b, op.transB(), dy, true, op.alpha())
                    : g.gemm(dy, false, b, !op.transB(), op.alpha())),
        g.when(
            1,
            () ->
                op.transB()
                    ? g.gemm(dy, true, a, op.transA(), op.alpha())
                    : g.gemm(a, !op.transA(), dy, false, op.alpha())),
        g.when(2, () -> g.times(g.sumTo(dy, g.shape(node.output()), node.input(2)), op.beta())));
  }

  /**
   * {@code Y = einsum(x1, x2, ..)}: {@code dxi} is the einsum of {@code dY} and the other operands
   * with the labels of {@code xi} as result; along labels that nobody else has, it repeats.
   */
  private static List<@Nullable Value> einsum(Node node, Value dy, GradientContext g) {
    List<Integer> ranks = node.presentInputs().map(g::rank).toList();
    EinsumOp op = letters(EinsumOp.of(node).expanded(ranks));
    List<@Nullable Value> gradients = new ArrayList<>();
    for (int i = 0; i < ranks.size(); i++) {
      gradients.add(g.wants(i) ? einsumOperand(op, i, dy, g) : null);
    }
    return gradients;
  }

  private static Value einsumOperand(EinsumOp op, int operand, Value dy, GradientContext g) {
    Node node = op.node();
    List<String> own = op.operands().get(operand);
    List<List<String>> terms = new ArrayList<>(List.of(op.output()));
    List<Value> values = new ArrayList<>(List.of(dy));
    Map<String, Size> extents = new LinkedHashMap<>();
    noteExtents(op.output(), g.shape(node.output()), extents);
    for (int i = 0; i < op.operands().size(); i++) {
      List<String> term = op.operands().get(i);
      if (new HashSet<>(term).size() < term.size()) {
        throw g.unsupported(
            "an operand of Einsum repeats a label", "write the sum without diagonals");
      }
      if (i != operand) {
        terms.add(term);
        values.add(node.input(i));
        noteExtents(term, g.shape(node.input(i)), extents);
      }
    }
    List<String> shared = own.stream().filter(extents::containsKey).toList();
    String left = String.join(",", terms.stream().map(term -> String.join("", term)).toList());
    Value x = node.input(operand);
    Value product =
        g.op(
            "Einsum",
            List.of(Attribute.of("equation", left + "->" + String.join("", shared))),
            values.toArray(Value[]::new));
    List<Size> shape = g.shape(x);
    if (shared.size() < own.size()) {
      long[] alone =
          LongStream.range(0, own.size()).filter(i -> !shared.contains(own.get((int) i))).toArray();
      Value spread = g.unsqueeze(product, alone);
      for (long axis : alone) {
        extents.put(own.get((int) axis), shape.get((int) axis));
      }
      product = g.op("Expand", spread, g.shapeOperand(x));
    }
    return g.sumTo(product, own.stream().map(extents::get).toList(), x);
  }

  /** The extent of a label is 1 only if no term has more. */
  private static void noteExtents(List<String> term, List<Size> shape, Map<String, Size> extents) {
    for (int i = 0; i < term.size(); i++) {
      extents.merge(term.get(i), shape.get(i), (a, b) -> a.is(1) ? b : a);
    }
  }

  /** Gives the axes behind an ellipsis letters of their own. */
  private static EinsumOp letters(EinsumOp op) {
    Map<String, String> names = new LinkedHashMap<>();
    op.operands().forEach(term -> term.forEach(label -> names.put(label, label)));
    char next = 'A';
    for (Map.Entry<String, String> name : names.entrySet()) {
      if (name.getKey().startsWith(EinsumOp.ELLIPSIS)) {
        while (names.containsKey(String.valueOf(next))) {
          next++;
        }
        name.setValue(String.valueOf(next++));
      }
    }
    return new EinsumOp(
        op.node(),
        op.operands().stream().map(term -> term.stream().map(names::get).toList()).toList(),
        op.output().stream().map(names::get).toList());
  }
}
