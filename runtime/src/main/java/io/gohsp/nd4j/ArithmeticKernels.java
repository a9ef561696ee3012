package io.gohsp.nd4j;

import io.gohsp.tensor.ElementType;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.same.Abs;
import org.nd4j.linalg.api.ops.impl.transforms.same.Ceil;
import org.nd4j.linalg.api.ops.impl.transforms.same.Floor;
import org.nd4j.linalg.api.ops.impl.transforms.same.Negative;
import org.nd4j.linalg.api.ops.impl.transforms.same.Reciprocal;
import org.nd4j.linalg.api.ops.impl.transforms.same.Sign;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Cos;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sin;
import org.nd4j.linalg.factory.Nd4j;

/** Elementwise arithmetic, broadcasting. */
final class ArithmeticKernels {
  private ArithmeticKernels() {}

  static void register(Kernels kernels) {
    kernels.add(binary("add", Long::sum), "Add");
    kernels.add(binary("subtract", (a, b) -> a - b), "Sub");
    kernels.add(binary("multiply", (a, b) -> a * b), "Mul");
    kernels.add(binary("divide", (a, b) -> a / b), "Div");
    kernels.add(ArithmeticKernels::power, "Pow");
    kernels.add(ArithmeticKernels::modulo, node -> node.intAttribute("fmod", 0) == 0, "Mod");
    kernels.add(folded("minimum", Math::min), "Min");
    kernels.add(folded("maximum", Math::max), "Max");
    kernels.add(folded("add", Long::sum), "Sum");
    kernels.add(unary(Negative::new, a -> -a), "Neg");
    kernels.add(unary(Abs::new, Math::abs), "Abs");
    kernels.add(unary(Sign::new, Long::signum), "Sign");
    kernels.add(unary(Reciprocal::new), "Reciprocal");
    kernels.add(unary(Sqrt::new), "Sqrt");
    kernels.add(unary(Exp::new), "Exp");
    kernels.add(unary(Log::new), "Log");
    kernels.add(unary(Sin::new), "Sin");
    kernels.add(unary(Cos::new), "Cos");
    kernels.add(unary(Floor::new), "Floor");
    kernels.add(unary(Ceil::new), "Ceil");
    kernels.add(ArithmeticKernels::clip, "Clip");
  }

  /** An operation of ND4J that reads {@code x} and writes {@code z}. */
  interface Transform {
    Op of(INDArray x, INDArray z);
  }

  static Kernel unary(Transform transform) {
    return unary(
        transform,
        a -> {
          throw new IllegalArgumentException("not defined for whole numbers");
        });
  }

  static Kernel unary(Transform transform, LongUnaryOperator whole) {
    return call -> {
      if (call.cell(0) instanceof Whole x) {
        call.put(0, x.map(x.type(), whole));
      } else {
        Floats x = call.dense(0);
        apply(transform, x, call.outOver(x.dims()));
      }
    };
  }

  /** {@code z = f(x)}; both may be the same. */
  static void apply(Transform transform, Floats x, Floats z) {
    if (x.size() > 0) {
      Nd4j.exec(transform.of(x.array(), z.array()));
    }
  }

  private static Kernel binary(String name, LongBinaryOperator whole) {
    return call -> {
      if (call.cell(0) instanceof Whole a) {
        Whole b = call.whole(1);
        call.put(0, a.zip(a.type(), b, wrapped(a.type(), whole)));
      } else {
        Floats a = call.dense(0);
        Floats b = call.dense(1);
        Floats z = call.outOver(Layout.broadcast(a.dims(), b.dims()));
        if (z.size() > 0) {
          Call.custom(name, z, a, b);
        }
      }
    };
  }

  private static LongBinaryOperator wrapped(ElementType type, LongBinaryOperator f) {
    return type == ElementType.INT64
        ? f
        : (a, b) -> ShapeKernels.wrapped(type, f.applyAsLong(a, b));
  }

  /** Operators of any number of operands. */
  private static Kernel folded(String name, LongBinaryOperator whole) {
    return call -> {
      if (call.cell(0) instanceof Whole first) {
        Whole result = first;
        for (int i = 1; i < call.inputs(); i++) {
          result = result.zip(first.type(), call.whole(i), whole);
        }
        call.put(0, result);
        return;
      }
      long[] dims = call.cell(0).dims();
      for (int i = 1; i < call.inputs(); i++) {
        dims = Layout.broadcast(dims, call.cell(i).dims());
      }
      Floats z = call.out(0, dims);
      Call.copy(call.dense(0), z);
      for (int i = 1; i < call.inputs(); i++) {
        Call.custom(name, z, z, call.dense(i));
      }
    };
  }

  /** ONNX's remainder has the sign of the divisor, unless it is asked for C's. */
  private static void modulo(Call call) {
    Whole a = call.whole(0);
    call.put(0, a.zip(a.type(), call.whole(1), Math::floorMod));
  }

  private static void power(Call call) {
    Floats x = call.dense(0);
    Floats exponent =
        call.cell(1) instanceof Whole whole ? ShapeKernels.floats(call, whole) : call.dense(1);
    long[] dims = Layout.broadcast(x.dims(), exponent.dims());
    boolean square =
        exponent.size() == 1
            && java.util.Arrays.equals(dims, x.dims())
            && exponent.read().get(0) == 2;
    Floats z = call.outOver(dims);
    if (square) { // as exporters write variances; the general power is many times slower
      Call.custom("multiply", z, x, x);
    } else {
      Call.custom("Pow", z, x, exponent);
    }
  }

  private static void clip(Call call) {
    if (call.cell(0) instanceof Whole x) {
      long low = call.has(1) ? call.whole(1).values()[0] : Long.MIN_VALUE;
      long high = call.has(2) ? call.whole(2).values()[0] : Long.MAX_VALUE;
      call.put(0, x.map(x.type(), a -> Math.min(Math.max(a, low), high)));
      return;
    }
    Floats x = call.dense(0);
    Floats z = call.outOver(x.dims());
    Floats from = x;
    if (call.has(1)) {
      Call.custom("maximum", z, from, call.dense(1));
      from = z;
    }
    if (call.has(2)) {
      Call.custom("minimum", z, from, call.dense(2));
    }
    if (!call.has(1) && !call.has(2)) {
      Call.copy(x, z);
    }
  }
}
