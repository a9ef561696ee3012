package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import io.gohsp.op.Axes;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Resize, an axis at a time: each new position is a weighted sum of a few old ones, so that a
 * resized axis is a product with a matrix.
 */
final class ResizeKernels {
  private static final Set<String> COORDINATES =
      Set.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric");

  private ResizeKernels() {}

  static void register(Kernels kernels) {
    kernels.add(ResizeKernels::resize, ResizeKernels::isKnown, "Resize");
  }

  private static boolean isKnown(Node node) {
    return COORDINATES.contains(coordinates(node))
        && node.intAttribute("antialias", 0) == 0
        && node.stringAttribute("keep_aspect_ratio_policy", "stretch").equals("stretch")
        && node.inputs().size() > 2;
  }

  private static String coordinates(Node node) {
    return node.stringAttribute("coordinate_transformation_mode", "half_pixel");
  }

  private static void resize(Call call) {
    Floats x = call.dense(0);
    List<Long> named = call.node().intsAttribute("axes");
    List<Integer> axes =
        Axes.normalize(
            call.node(),
            named != null ? named : LongStream.range(0, x.rank()).boxed().toList(),
            x.rank());
    boolean scaled = call.has(2) && call.cell(2).size() > 0;
    FloatBuffer scales = scaled ? call.dense(2).read() : FloatBuffer.allocate(0);
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      long extent = x.dim(axis);
      float scale = scaled ? scales.get(i) : (float) call.whole(3).values()[i] / extent;
      long result = scaled ? (long) Math.floor(extent * scale) : call.whole(3).values()[i];
      if (result != extent || scale != 1) {
        x = resized(call, x, axis, result, scale);
      }
    }
    Call.copy(x, call.out(0, x.dims()));
  }

  private static Floats resized(Call call, Floats x, int axis, long extent, float scale) {
    Floats weights = call.scratch(extent, x.dim(axis));
    weights(call.node(), x.dim(axis), extent, scale, weights.write());
    long[] dims = x.dims().clone();
    dims[axis] = extent;
    Floats z = call.scratch(dims);
    long outer = Layout.size(Arrays.copyOf(dims, axis));
    long inner = Layout.size(Arrays.copyOfRange(dims, axis + 1, dims.length));
    Floats from = x.reshaped(outer, x.dim(axis), inner);
    Floats to = z.reshaped(outer, extent, inner);
    for (long i = 0; i < outer; i++) {
      ContractionKernels.multiply(weights, matrix(from, i), matrix(to, i));
    }
    return z;
  }

  private static Floats matrix(Floats stack, long i) {
    Layout layout = stack.layout();
    return stack.seen(
        Layout.dense(stack.dim(1), stack.dim(2))
            .shifted(layout.offset() + i * layout.strides()[0]));
  }

  private static void weights(Node node, long from, long to, float scale, FloatBuffer out) {
    for (int i = 0; i < out.capacity(); i++) {
      out.put(i, 0);
    }
    String mode = node.stringAttribute("mode", "nearest");
    for (int i = 0; i < to; i++) {
      double at = position(coordinates(node), i, from, to, scale);
      int row = Math.toIntExact(i * from);
      if (mode.equals("nearest")) {
        add(out, row, from, nearest(node, at), 1);
      } else if (mode.equals("linear")) {
        long left = (long) Math.floor(at);
        add(out, row, from, left, 1 - (at - left));
        add(out, row, from, left + 1, at - left);
      } else {
        cubic(node, out, row, from, at);
      }
    }
  }

  private static double position(String mode, int i, long from, long to, float scale) {
    return switch (mode) {
      case "align_corners" -> to == 1 ? 0 : (double) i * (from - 1) / (to - 1);
      case "asymmetric" -> i / (double) scale;
      case "pytorch_half_pixel" -> to > 1 ? (i + 0.5) / scale - 0.5 : 0;
      default -> (i + 0.5) / scale - 0.5;
    };
  }

  private static long nearest(Node node, double at) {
    return switch (node.stringAttribute("nearest_mode", "round_prefer_floor")) {
      case "floor" -> (long) Math.floor(at);
      case "ceil" -> (long) Math.ceil(at);
      case "round_prefer_ceil" -> (long) Math.floor(at + 0.5);
      default -> (long) Math.ceil(at - 0.5);
    };
  }

  /** Keys' kernel over four neighbours; those outside repeat the border, or do not count. */
  private static void cubic(Node node, FloatBuffer out, int row, long from, double at) {
    double a = node.floatAttribute("cubic_coeff_a", -0.75f);
    boolean exclude = node.intAttribute("exclude_outside", 0) != 0;
    long left = (long) Math.floor(at);
    double[] weights = new double[4];
    double sum = 0;
    for (int j = 0; j < 4; j++) {
      long neighbour = left - 1 + j;
      double distance = Math.abs(at - neighbour);
      weights[j] =
          exclude && (neighbour < 0 || neighbour >= from)
              ? 0
              : distance <= 1
                  ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
                  : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
      sum += weights[j];
    }
    for (int j = 0; j < 4; j++) {
      add(out, row, from, left - 1 + j, exclude ? weights[j] / sum : weights[j]);
    }
  }

  private static void add(FloatBuffer out, int row, long from, long at, double weight) {
    int place = row + (int) Math.max(0, Math.min(from - 1, at));
    out.put(place, (float) (out.get(place) + weight));
  }
}
