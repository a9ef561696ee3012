package io.gohsp.nd4j;

import io.gohsp.op.EinsumOp;
import io.gohsp.op.GemmOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.factory.Nd4j;

/** Products of matrices. */
final class ContractionKernels {
  private ContractionKernels() {}

  static void register(Kernels kernels) {
    kernels.add(ContractionKernels::matMul, "MatMul");
    kernels.add(ContractionKernels::gemm, "Gemm");
    kernels.add(
        ContractionKernels::einsum,
        node ->
            node.inputs().size() <= 2
                && EinsumOp.of(node).operands().stream()
                    .allMatch(term -> new HashSet<>(term).size() == term.size()),
        "Einsum");
  }

  /** A matrix, or a stack of them, and whether its last two axes are to be swapped. */
  private record Operand(Floats stored, boolean swapped) {
    /** Takes a transposed operand as it lies in memory. */
    static Operand of(Call call, int input) {
      Floats x = call.floats(input);
      int rank = x.rank();
      if (!x.isDense() && rank >= 2) {
        List<Integer> swap = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        java.util.Collections.swap(swap, rank - 1, rank - 2);
        Floats swapped = x.seen(x.layout().permuted(swap));
        if (swapped.isDense()) {
          return new Operand(swapped, true);
        }
      }
      return new Operand(call.dense(input), false);
    }
  }

  /** {@code out = a' b'}, dense, of equal rank. */
  static void multiply(Floats a, boolean swapA, Floats b, boolean swapB, Floats out) {
    if (out.size() == 0) {
      return;
    }
    if (a.size() == 0) {
      out.array().assign(0);
      return;
    }
    Nd4j.matmul(a.array(), b.array(), out.array(), swapA, swapB, false);
  }

  static void multiply(Floats a, Floats b, Floats out) {
    multiply(a, false, b, false, out);
  }

  private static void matMul(Call call) {
    Operand a = Operand.of(call, 0);
    Operand b = Operand.of(call, 1);
    if (a.stored().rank() == 1 || b.stored().rank() == 1) {
      vectors(call);
      return;
    }
    long[] left = a.stored().dims();
    long[] right = b.stored().dims();
    long rows = left[left.length - (a.swapped() ? 1 : 2)];
    long inner = left[left.length - (a.swapped() ? 2 : 1)];
    long columns = right[right.length - (b.swapped() ? 2 : 1)];
    long[] batch = Layout.broadcast(batch(left), batch(right));
    long[] dims = concat(batch, rows, columns);
    Floats z = call.out(0, dims);
    if (right.length == 2 && !(a.swapped() && left.length > 2)) { // one large product
      long all = Layout.size(batch) * rows;
      Floats matrix = a.swapped() ? a.stored() : a.stored().reshaped(all, inner);
      multiply(matrix, a.swapped(), b.stored(), b.swapped(), z.reshaped(all, columns));
      return;
    }
    Floats x = stacked(call, a.stored(), batch);
    Floats y = stacked(call, b.stored(), batch);
    multiply(x, a.swapped(), y, b.swapped(), stack(z));
  }

  private static long[] batch(long[] dims) {
    return Arrays.copyOf(dims, dims.length - 2);
  }

  static long[] concat(long[] front, long... back) {
    long[] all = Arrays.copyOf(front, front.length + back.length);
    System.arraycopy(back, 0, all, front.length, back.length);
    return all;
  }

  /** [count, rows, columns], with matrices repeated as the batch axes say. */
  private static Floats stacked(Call call, Floats x, long[] batch) {
    if (Arrays.equals(batch(x.dims()), batch)) {
      return stack(x);
    }
    long[] dims = x.dims();
    Floats copy = call.scratch(concat(batch, dims[dims.length - 2], dims[dims.length - 1]));
    Call.copy(x, copy);
    return stack(copy);
  }

  private static Floats stack(Floats x) {
    long[] dims = x.dims();
    return x.reshaped(Layout.size(batch(dims)), dims[dims.length - 2], dims[dims.length - 1]);
  }

  /** A vector counts as a matrix of one row on the left and of one column on the right. */
  private static void vectors(Call call) {
    Floats a = call.dense(0);
    Floats b = call.dense(1);
    Floats x = a.rank() == 1 ? a.reshaped(1, a.size()) : a;
    Floats y = b.rank() == 1 ? b.reshaped(b.size(), 1) : b;
    long[] batch = Layout.broadcast(batch(x.dims()), batch(y.dims()));
    long rows = x.dim(x.rank() - 2);
    long columns = y.dim(y.rank() - 1);
    long[] dims = batch;
    dims = a.rank() == 1 ? dims : concat(dims, rows);
    dims = b.rank() == 1 ? dims : concat(dims, columns);
    Floats z = call.out(0, dims);
    multiply(
        stacked(call, x, batch),
        stacked(call, y, batch),
        z.reshaped(Layout.size(batch), rows, columns));
  }

  private static void gemm(Call call) {
    GemmOp op = GemmOp.of(call.node());
    Operand a = Operand.of(call, 0);
    Operand b = Operand.of(call, 1);
    boolean swapA = a.swapped() != op.transA();
    boolean swapB = b.swapped() != op.transB();
    Floats z = call.out(0, a.stored().dim(swapA ? 1 : 0), b.stored().dim(swapB ? 0 : 1));
    multiply(a.stored(), swapA, b.stored(), swapB, z);
    if (op.alpha() != 1) {
      z.array().muli(op.alpha());
    }
    if (call.has(2) && op.beta() != 0) {
      Floats c = call.dense(2);
      if (op.beta() != 1) {
        Floats scaled = call.scratch(c.dims());
        c.array().mul(op.beta(), scaled.array());
        c = scaled;
      }
      Call.custom("add", z, z, c);
    }
  }

  /** As a product of two stacks of matrices: shared labels, those of one operand, summed ones. */
  private static void einsum(Call call) {
    List<Integer> ranks =
        IntStream.range(0, call.inputs()).mapToObj(i -> call.cell(i).rank()).toList();
    EinsumOp op = EinsumOp.of(call.node()).expanded(ranks);
    Map<String, Long> extents = new HashMap<>();
    for (int i = 0; i < ranks.size(); i++) {
      for (int axis = 0; axis < ranks.get(i); axis++) {
        extents.merge(op.operands().get(i).get(axis), call.cell(i).dim(axis), Math::max);
      }
    }
    List<String> left = op.operands().get(0);
    List<String> right = ranks.size() == 1 ? List.of() : op.operands().get(1);
    List<String> result = op.output();
    List<String> batch =
        result.stream().filter(label -> left.contains(label) && right.contains(label)).toList();
    List<String> rows =
        result.stream().filter(label -> left.contains(label) && !right.contains(label)).toList();
    List<String> columns = result.stream().filter(label -> !left.contains(label)).toList();
    Set<String> summed = new LinkedHashSet<>(left);
    summed.addAll(right);
    result.forEach(summed::remove);
    List<String> inner = List.copyOf(summed);
    long b = size(extents, batch);
    long m = size(extents, rows);
    long k = size(extents, inner);
    long n = size(extents, columns);
    Floats x = arranged(call, call.floats(0), left, List.of(batch, rows, inner), extents);
    Floats y =
        ranks.size() == 1
            ? call.ones(k, 1)
            : arranged(call, call.floats(1), right, List.of(batch, inner, columns), extents);
    List<String> order = Stream.of(batch, rows, columns).flatMap(List::stream).toList();
    long[] ordered = order.stream().mapToLong(extents::get).toArray();
    boolean inOrder = order.equals(result);
    Floats z = inOrder ? call.out(0, ordered) : call.scratch(ordered);
    multiply(x.reshaped(b, m, k), y.reshaped(ranks.size() == 1 ? 1 : b, k, n), z.reshaped(b, m, n));
    if (!inOrder) {
      Layout turned = z.layout().permuted(result.stream().map(order::indexOf).toList());
      Call.copy(z.seen(turned), call.out(0, turned.dims()));
    }
  }

  private static long size(Map<String, Long> extents, List<String> labels) {
    return labels.stream().mapToLong(extents::get).reduce(1, (a, b) -> a * b);
  }

  /** A dense operand with its axes in the given order; labels it lacks are repeated over. */
  private static Floats arranged(
      Call call,
      Floats x,
      List<String> labels,
      List<List<String>> groups,
      Map<String, Long> extents) {
    List<String> order = groups.stream().flatMap(List::stream).toList();
    List<Integer> perm = order.stream().filter(labels::contains).map(labels::indexOf).toList();
    Layout layout = x.layout().permuted(perm);
    long[] dims = new long[order.size()];
    long[] strides = new long[order.size()];
    long[] full = new long[order.size()];
    for (int i = 0, own = 0; i < dims.length; i++) {
      full[i] = extents.get(order.get(i));
      boolean has = labels.contains(order.get(i));
      dims[i] = has ? layout.dims()[own] : 1;
      strides[i] = has ? layout.strides()[own++] : 1;
    }
    Floats seen = x.seen(new Layout(layout.offset(), dims, strides));
    if (Arrays.equals(dims, full)) {
      return call.dense(seen);
    }
    Floats dense = call.dense(seen);
    Floats copy = call.scratch(full);
    Call.copy(dense, copy);
    return copy;
  }
}
