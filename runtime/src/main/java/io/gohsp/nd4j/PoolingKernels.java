package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import io.gohsp.op.Window;
import io.gohsp.tensor.ElementType;
import java.nio.FloatBuffer;
import java.util.Objects;

/** Pooling; rare in transformers, so plain loops over the memory do. */
final class PoolingKernels {
  private PoolingKernels() {}

  static void register(Kernels kernels) {
    kernels.add(PoolingKernels::max, node -> node.intAttribute("storage_order", 0) == 0, "MaxPool");
    kernels.add(PoolingKernels::average, PoolingKernels::isPlain, "AveragePool");
    kernels.add(PoolingKernels::globalAverage, "GlobalAveragePool");
  }

  /** With ceil_mode, a window beyond the end counts other elements; nobody writes that. */
  private static boolean isPlain(Node node) {
    return node.intAttribute("ceil_mode", 0) == 0;
  }

  private static Unfolding unfolding(Call call, Floats x) {
    Window window = Window.of(call.node(), x.rank() - 2);
    long[] kernel = Unfolding.longs(Objects.requireNonNull(window.kernel()));
    return Unfolding.of(window, x.dims(), kernel);
  }

  private static Floats result(Call call, Floats x, Unfolding unfolding) {
    return call.out(
        0, ContractionKernels.concat(new long[] {x.dim(0), x.dim(1)}, unfolding.steps()));
  }

  private static void max(Call call) {
    Floats x = call.dense(0);
    Unfolding unfolding = unfolding(call, x);
    Floats z = result(call, x, unfolding);
    int[] sources = unfolding.sources();
    int places = unfolding.places();
    int planes = Math.toIntExact(x.dim(0) * x.dim(1));
    long[] positions = new long[z.size()];
    FloatBuffer from = x.read();
    FloatBuffer to = z.write();
    for (int plane = 0; plane < planes; plane++) {
      int start = plane * unfolding.area();
      for (int place = 0; place < places; place++) {
        float most = Float.NEGATIVE_INFINITY;
        int where = -1;
        for (int i = place; i < sources.length; i += places) {
          if (sources[i] >= 0 && (where < 0 || from.get(start + sources[i]) > most)) {
            where = start + sources[i];
            most = from.get(where);
          }
        }
        to.put(plane * places + place, most);
        positions[plane * places + place] = where;
      }
    }
    if (call.wants(1)) {
      call.put(1, Whole.of(ElementType.INT64, z.dims(), positions));
    }
  }

  private static void average(Call call) {
    Floats x = call.dense(0);
    Unfolding unfolding = unfolding(call, x);
    Floats z = result(call, x, unfolding);
    boolean padding = call.node().intAttribute("count_include_pad", 0) != 0;
    int[] sources = unfolding.sources();
    int places = unfolding.places();
    int planes = Math.toIntExact(x.dim(0) * x.dim(1));
    FloatBuffer from = x.read();
    FloatBuffer to = z.write();
    for (int plane = 0; plane < planes; plane++) {
      for (int place = 0; place < places; place++) {
        double sum = 0;
        int count = 0;
        for (int i = place; i < sources.length; i += places) {
          sum += sources[i] < 0 ? 0 : from.get(plane * unfolding.area() + sources[i]);
          count += padding || sources[i] >= 0 ? 1 : 0;
        }
        to.put(plane * places + place, (float) (sum / count));
      }
    }
  }

  private static void globalAverage(Call call) {
    Floats x = call.dense(0);
    long[] dims = new long[x.rank()];
    java.util.Arrays.fill(dims, 1);
    dims[0] = x.dim(0);
    dims[1] = x.dim(1);
    long planes = dims[0] * dims[1];
    Floats z = call.out(0, dims);
    Floats rows = x.reshaped(planes, x.size() / planes);
    ContractionKernels.multiply(rows, call.ones(rows.dim(1), 1), z.reshaped(planes, 1));
    z.array().divi(rows.dim(1));
  }
}
