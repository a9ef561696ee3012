package io.gohsp.nd4j;

import io.gohsp.op.ReduceOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ops.impl.reduce.same.Max;
import org.nd4j.linalg.api.ops.impl.reduce.same.Min;
import org.nd4j.linalg.api.ops.impl.reduce.same.Prod;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.factory.Nd4j;

/** Reductions. Sums are products with ones: ND4J's own take many times as long. */
final class ReductionKernels {
  private ReductionKernels() {}

  static void register(Kernels kernels) {
    kernels.add(reduction(ReductionKernels::sum, 0, Long::sum), "ReduceSum");
    kernels.add(reduction(ReductionKernels::mean, 0, ReductionKernels::undefined), "ReduceMean");
    kernels.add(reduction(ReductionKernels::norm, 0, ReductionKernels::undefined), "ReduceL2");
    kernels.add(
        reduction(ReductionKernels::squares, 0, ReductionKernels::undefined), "ReduceSumSquare");
    kernels.add(reduction((c, x, z) -> most(x, z), Long.MIN_VALUE, Math::max), "ReduceMax");
    kernels.add(reduction(ReductionKernels::least, Long.MAX_VALUE, Math::min), "ReduceMin");
    kernels.add(reduction(ReductionKernels::product, 1, (a, b) -> a * b), "ReduceProd");
  }

  private static long undefined(long a, long b) {
    throw new IllegalArgumentException("not defined for whole numbers");
  }

  /** From a matrix [m, n] to a column [m, 1]. */
  private interface RowReduction {
    void run(Call call, Floats rows, Floats z);
  }

  private static Kernel reduction(RowReduction fractions, long start, LongBinaryOperator whole) {
    return call -> {
      Cell x = call.cell(0);
      ReduceOp op = ReduceOp.of(call.node(), call.reader());
      List<Integer> axes = Objects.requireNonNull(op.axes(x.rank()));
      long[] dims = reduced(x.dims(), axes, op.keepDims());
      if (x instanceof Whole numbers) {
        call.put(0, reduce(numbers, axes, dims, start, whole));
      } else {
        reduce(call, call.floats(0), axes, dims, fractions);
      }
    };
  }

  private static long[] reduced(long[] dims, List<Integer> axes, boolean keep) {
    return IntStream.range(0, dims.length)
        .filter(axis -> keep || !axes.contains(axis))
        .mapToLong(axis -> axes.contains(axis) ? 1 : dims[axis])
        .toArray();
  }

  /** All axes, the given ones last. */
  static List<Integer> last(int rank, List<Integer> axes) {
    List<Integer> order = new ArrayList<>();
    IntStream.range(0, rank).filter(axis -> !axes.contains(axis)).forEach(order::add);
    order.addAll(axes);
    return order;
  }

  private static void reduce(
      Call call, Floats x, List<Integer> axes, long[] dims, RowReduction reduction) {
    Floats z = call.out(0, dims);
    long m = z.size();
    long n = 1;
    for (int axis : axes) {
      n *= x.dim(axis);
    }
    boolean leading = IntStream.range(0, axes.size()).allMatch(i -> axes.get(i) == i);
    if (leading && m > 1 && x.isDense() && isSum(call)) {
      columnSums(call, x.reshaped(n, m), z.reshaped(1, m));
      return;
    }
    Floats rows = call.dense(x.seen(x.layout().permuted(last(x.rank(), axes))));
    reduction.run(call, rows.reshaped(m, n), z.reshaped(m, 1));
  }

  private static boolean isSum(Call call) {
    return call.node().is("ReduceSum") || call.node().is("ReduceMean");
  }

  private static void columnSums(Call call, Floats x, Floats z) {
    ContractionKernels.multiply(call.ones(1, x.dim(0)), x, z);
    if (call.node().is("ReduceMean")) {
      z.array().muli(1.0 / x.dim(0));
    }
  }

  private static void sum(Call call, Floats rows, Floats z) {
    ContractionKernels.multiply(rows, call.ones(rows.dim(1), 1), z);
  }

  private static void mean(Call call, Floats rows, Floats z) {
    sum(call, rows, z);
    z.array().muli(1.0 / rows.dim(1));
  }

  private static void squares(Call call, Floats rows, Floats z) {
    Floats squares = call.scratch(rows.dims());
    Call.custom("multiply", squares, rows, rows);
    sum(call, squares, z);
  }

  private static void norm(Call call, Floats rows, Floats z) {
    squares(call, rows, z);
    ArithmeticKernels.apply(Sqrt::new, z, z);
  }

  /** The largest of each row. */
  static void most(Floats rows, Floats z) {
    Nd4j.exec(new Max(rows.array(), z.array(), true, 1));
  }

  private static void least(Call call, Floats rows, Floats z) {
    Nd4j.exec(new Min(rows.array(), z.array(), true, 1));
  }

  private static void product(Call call, Floats rows, Floats z) {
    Nd4j.exec(new Prod(rows.array(), z.array(), true, 1));
  }

  private static Whole reduce(
      Whole x, List<Integer> axes, long[] dims, long start, LongBinaryOperator f) {
    Whole rows = x.seen(Layout.dense(x.dims()).permuted(last(x.rank(), axes)));
    long[] out = new long[Layout.size(dims)];
    Arrays.fill(out, start);
    int n = out.length == 0 ? 0 : rows.values().length / out.length;
    for (int i = 0; i < rows.values().length; i++) {
      out[i / n] = f.applyAsLong(out[i / n], rows.values()[i]);
    }
    return Whole.of(x.type(), dims, out);
  }
}
