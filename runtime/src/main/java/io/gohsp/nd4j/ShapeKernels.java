package io.gohsp.nd4j;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.op.CastOp;
import io.gohsp.op.ShapeOp;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Extents, types, and tensors made from nothing else. */
final class ShapeKernels {
  private ShapeKernels() {}

  static void register(Kernels kernels) {
    kernels.add(ShapeKernels::shape, "Shape");
    kernels.add(
        call ->
            call.put(0, Whole.of(ElementType.INT64, new long[0], new long[] {call.cell(0).size()})),
        "Size");
    kernels.add(
        call -> cast(call, CastOp.of(call.node()).to()),
        node -> canHold(CastOp.of(node).to()),
        "Cast");
    kernels.add(call -> cast(call, call.cell(1).type()), "CastLike");
    kernels.add(ShapeKernels::constantOfShape, "ConstantOfShape");
    kernels.add(ShapeKernels::range, "Range");
    kernels.add(ShapeKernels::nonZero, "NonZero");
    kernels.add(ShapeKernels::eyeLike, ShapeKernels::isFloat, "EyeLike");
    kernels.add(ShapeKernels::trilu, "Trilu");
  }

  private static boolean canHold(ElementType type) {
    return type == ElementType.FLOAT || type == ElementType.BOOL || isWhole(type);
  }

  private static boolean isFloat(Node node) {
    return node.intAttribute("dtype", ElementType.FLOAT.code()) == ElementType.FLOAT.code();
  }

  /** The whole-number types that Java's long stands for. */
  static boolean isWhole(ElementType type) {
    return switch (type) {
      case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64 -> true;
      default -> false;
    };
  }

  /** A number as it is after a stay in a narrower type. */
  static long wrapped(ElementType type, long value) {
    return switch (type) {
      case BOOL -> value == 0 ? 0 : 1;
      case INT8 -> (byte) value;
      case UINT8 -> value & 0xFF;
      case INT16 -> (short) value;
      case UINT16 -> value & 0xFFFF;
      case INT32 -> (int) value;
      case UINT32 -> value & 0xFFFFFFFFL;
      default -> value;
    };
  }

  private static void shape(Call call) {
    ShapeOp op = ShapeOp.of(call.node());
    long[] dims = call.cell(0).dims();
    call.put(0, Whole.vector(Arrays.copyOfRange(dims, op.start(dims.length), op.end(dims.length))));
  }

  private static void cast(Call call, ElementType to) {
    Cell x = call.cell(0);
    if (x instanceof Whole whole && to != ElementType.FLOAT) {
      call.put(0, whole.map(to, value -> wrapped(to, value)));
    } else if (x instanceof Whole whole) {
      fill(whole, call.out(0, whole.dims()));
    } else if (to == ElementType.FLOAT) {
      call.put(0, x);
    } else {
      FloatBuffer values = call.dense(0).read();
      long[] out = new long[x.size()];
      for (int i = 0; i < out.length; i++) {
        float value = values.get(i);
        out[i] = to == ElementType.BOOL ? (value == 0 ? 0 : 1) : wrapped(to, (long) value);
      }
      call.put(0, Whole.of(to, x.dims(), out));
    }
  }

  private static void fill(Whole from, Floats to) {
    FloatBuffer values = to.write();
    for (int i = 0; i < from.values().length; i++) {
      values.put(i, (float) from.values()[i]);
    }
  }

  /** Whole numbers as fractions, until the end of the call. */
  static Floats floats(Call call, Whole whole) {
    Floats copy = call.scratch(whole.dims());
    fill(whole, copy);
    return copy;
  }

  private static void constantOfShape(Call call) {
    Attribute attribute = call.node().attribute("value");
    Tensor value =
        attribute != null && attribute.content() instanceof Attribute.TensorValue tensor
            ? tensor.value()
            : Tensor.ofFloats(new long[] {1}, 0);
    long[] dims = call.whole(0).values();
    if (value.type() == ElementType.FLOAT) {
      call.out(0, dims).array().assign(value.floats()[0]);
    } else {
      long[] out = new long[Layout.size(dims)];
      Arrays.fill(out, value.longs()[0]);
      call.put(0, Whole.of(value.type(), dims, out));
    }
  }

  private static void range(Call call) {
    if (call.cell(0) instanceof Whole start) {
      long limit = call.whole(1).values()[0];
      long step = call.whole(2).values()[0];
      long first = start.values()[0];
      long count = Math.max(0, Math.floorDiv(limit - first + step - Long.signum(step), step));
      long[] out = new long[Math.toIntExact(count)];
      for (int i = 0; i < out.length; i++) {
        out[i] = first + i * step;
      }
      call.put(0, Whole.of(start.type(), new long[] {count}, out));
      return;
    }
    float start = call.dense(0).read().get(0);
    float limit = call.dense(1).read().get(0);
    float step = call.dense(2).read().get(0);
    long count = Math.max(0, (long) Math.ceil((limit - start) / step));
    FloatBuffer out = call.out(0, count).write();
    for (int i = 0; i < count; i++) {
      out.put(i, start + i * step);
    }
  }

  /** [rank, count]: the coordinates of what is not zero. */
  private static void nonZero(Call call) {
    Cell x = call.cell(0);
    List<Integer> found = new ArrayList<>();
    FloatBuffer fractions = x instanceof Floats ? call.dense(0).read() : null;
    for (int i = 0; i < x.size(); i++) {
      boolean zero = fractions == null ? ((Whole) x).values()[i] == 0 : fractions.get(i) == 0;
      if (!zero) {
        found.add(i);
      }
    }
    int rank = x.rank();
    long[] strides = Layout.dense(x.dims()).strides();
    long[] out = new long[rank * found.size()];
    for (int i = 0; i < found.size(); i++) {
      for (int axis = 0; axis < rank; axis++) {
        out[axis * found.size() + i] = found.get(i) / strides[axis] % x.dim(axis);
      }
    }
    call.put(0, Whole.of(ElementType.INT64, new long[] {rank, found.size()}, out));
  }

  private static void eyeLike(Call call) {
    long[] dims = call.cell(0).dims();
    long shift = call.node().intAttribute("k", 0);
    Floats z = call.out(0, dims);
    FloatBuffer out = z.write();
    for (int i = 0; i < z.size(); i++) {
      out.put(i, i % dims[1] - i / dims[1] == shift ? 1 : 0);
    }
  }

  /** Keeps one side of the diagonal of each matrix. */
  private static void trilu(Call call) {
    Cell x = call.cell(0);
    boolean upper = call.node().intAttribute("upper", 1) != 0;
    long shift = call.has(1) ? call.whole(1).values()[0] : 0;
    long columns = x.dim(x.rank() - 1);
    long rows = x.dim(x.rank() - 2);
    if (x instanceof Whole whole) {
      long[] out = whole.values().clone();
      for (int i = 0; i < out.length; i++) {
        out[i] = keeps(i, rows, columns, shift, upper) ? out[i] : 0;
      }
      call.put(0, Whole.of(whole.type(), whole.dims(), out));
      return;
    }
    FloatBuffer from = call.dense(0).read();
    FloatBuffer out = call.out(0, x.dims()).write();
    for (int i = 0; i < x.size(); i++) {
      out.put(i, keeps(i, rows, columns, shift, upper) ? from.get(i) : 0);
    }
  }

  private static boolean keeps(int at, long rows, long columns, long shift, boolean upper) {
    long diagonal = at % columns - at / columns % rows;
    return upper ? diagonal >= shift : diagonal <= shift;
  }
}
