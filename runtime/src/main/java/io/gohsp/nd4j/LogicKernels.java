package io.gohsp.nd4j;

import io.gohsp.tensor.ElementType;
import java.nio.FloatBuffer;
import java.util.function.LongBinaryOperator;

/** Comparisons, logic and choice. Truth values are Java's. */
final class LogicKernels {
  private LogicKernels() {}

  static void register(Kernels kernels) {
    kernels.add(comparison((a, b) -> a == b, (a, b) -> a == b), "Equal");
    kernels.add(comparison((a, b) -> a > b, (a, b) -> a > b), "Greater");
    kernels.add(comparison((a, b) -> a >= b, (a, b) -> a >= b), "GreaterOrEqual");
    kernels.add(comparison((a, b) -> a < b, (a, b) -> a < b), "Less");
    kernels.add(comparison((a, b) -> a <= b, (a, b) -> a <= b), "LessOrEqual");
    kernels.add(logic((a, b) -> a & b), "And");
    kernels.add(logic((a, b) -> a | b), "Or");
    kernels.add(logic((a, b) -> a ^ b), "Xor");
    kernels.add(call -> call.put(0, call.whole(0).map(ElementType.BOOL, a -> a ^ 1)), "Not");
    kernels.add(LogicKernels::isNan, "IsNaN");
    kernels.add(LogicKernels::where, "Where");
  }

  private interface Longs {
    boolean test(long a, long b);
  }

  private interface Fractions {
    boolean test(float a, float b);
  }

  private static Kernel logic(LongBinaryOperator f) {
    return call -> call.put(0, call.whole(0).zip(ElementType.BOOL, call.whole(1), f));
  }

  private static Kernel comparison(Longs whole, Fractions fractions) {
    return call -> {
      if (call.cell(0) instanceof Whole a) {
        Whole b = call.whole(1);
        call.put(0, a.zip(ElementType.BOOL, b, (x, y) -> whole.test(x, y) ? 1 : 0));
        return;
      }
      Floats a = call.dense(0);
      Floats b = call.dense(1);
      long[] dims = Layout.broadcast(a.dims(), b.dims());
      int[] left = Layout.dense(a.dims()).expanded(dims).positions();
      int[] right = Layout.dense(b.dims()).expanded(dims).positions();
      FloatBuffer x = a.read();
      FloatBuffer y = b.read();
      long[] out = new long[left.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = fractions.test(x.get(left[i]), y.get(right[i])) ? 1 : 0;
      }
      call.put(0, Whole.of(ElementType.BOOL, dims, out));
    };
  }

  private static void isNan(Call call) {
    Floats x = call.dense(0);
    FloatBuffer values = x.read();
    long[] out = new long[x.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Float.isNaN(values.get(i)) ? 1 : 0;
    }
    call.put(0, Whole.of(ElementType.BOOL, x.dims(), out));
  }

  private static void where(Call call) {
    Whole condition = call.whole(0);
    Cell a = call.cell(1);
    Cell b = call.cell(2);
    long[] dims = Layout.broadcast(condition.dims(), Layout.broadcast(a.dims(), b.dims()));
    int[] chooser = Layout.dense(condition.dims()).expanded(dims).positions();
    int[] left = Layout.dense(a.dims()).expanded(dims).positions();
    int[] right = Layout.dense(b.dims()).expanded(dims).positions();
    long[] chosen = condition.values();
    if (a instanceof Whole x) {
      long[] y = call.whole(2).values();
      long[] out = new long[chooser.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = chosen[chooser[i]] != 0 ? x.values()[left[i]] : y[right[i]];
      }
      call.put(0, Whole.of(x.type(), dims, out));
      return;
    }
    FloatBuffer x = call.dense(1).read();
    FloatBuffer y = call.dense(2).read();
    FloatBuffer out = call.out(0, dims).write();
    for (int i = 0; i < chooser.length; i++) {
      out.put(i, chosen[chooser[i]] != 0 ? x.get(left[i]) : y.get(right[i]));
    }
  }
}
