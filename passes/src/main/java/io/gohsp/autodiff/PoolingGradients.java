package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.Window;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Pooling and resampling of images [B, C, spatial..]. */
final class PoolingGradients {
  private static final Set<String> SEPARABLE = Set.of("nearest", "linear", "cubic");

  private PoolingGradients() {}

  static void register(GradientRules rules) {
    rules.one(PoolingGradients::globalAverage, "GlobalAveragePool");
    rules.one(PoolingGradients::average, "AveragePool");
    rules.one(PoolingGradients::maximum, "MaxPool");
    rules.one(PoolingGradients::resize, "Resize");
  }

  /** The mean over all positions: {@code dx = dy / positions}, repeated. */
  private static List<@Nullable Value> globalAverage(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    List<Size> shape = g.shape(x);
    Size positions = shape.subList(2, shape.size()).stream().reduce(Size.ONE, Size::times);
    if (positions.isKnown()) {
      return g.only(() -> g.expandLike(g.times(dy, 1.0 / positions.value()), x));
    }
    long[] axes = LongStream.range(2, shape.size()).toArray();
    return g.only(
        () -> {
          Value extents = g.op("Gather", g.op("Shape", x), g.longs(axes));
          Value count =
              g.op(
                  "Cast",
                  List.of(Attribute.of("to", (long) g.type(x).code())),
                  g.op("ReduceProd", List.of(Attribute.of("keepdims", 0L)), extents));
          return g.expandLike(g.div(dy, count), x);
        });
  }

  /**
   * The mean over windows: each {@code dy}, divided by how many elements its window has, goes to
   * every element of the window, which is the transposed convolution with a kernel of ones.
   */
  private static List<@Nullable Value> average(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    int spatial = g.rank(x) - 2;
    Window window = Window.of(node, spatial);
    List<Long> kernel = window.kernel();
    long[] in = g.known(g.shape(x).subList(2, spatial + 2));
    long[] out = g.known(g.shape(node.output()).subList(2, spatial + 2));
    if (kernel == null || in == null || out == null || !window.autoPad().equals("NOTSET")) {
      throw g.unsupported("its windows are not fixed", "export with a fixed image size");
    }
    boolean padsCount = node.intAttribute("count_include_pad", 0) != 0;
    double[][] counts = new double[spatial][];
    List<Long> missing = new ArrayList<>();
    List<Long> pads = new ArrayList<>(window.pads());
    for (int i = 0; i < spatial; i++) {
      long end = window.pads().get(spatial + i);
      counts[i] = counts(window, kernel, i, in[i], out[i], padsCount ? end : -1);
      long reach = window.dilations().get(i) * (kernel.get(i) - 1) + 1;
      long covered = (out[i] - 1) * window.strides().get(i) + reach - window.pads().get(i);
      missing.add(Math.max(0, in[i] - covered)); // positions after the last window
      pads.set(spatial + i, Math.max(0, covered - in[i]));
    }
    Value shares = g.mul(dy, g.constant(inverse(counts)));
    List<Size> image = g.shape(x).subList(2, spatial + 2);
    List<Size> single = new ArrayList<>(List.of(Size.symbol("images"), Size.ONE));
    single.addAll(Arrays.stream(out).mapToObj(Size::of).toList());
    long[] ones = new long[spatial + 2];
    Arrays.fill(ones, 1);
    float[] weights =
        new float[(int) kernel.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b)];
    Arrays.fill(weights, 1);
    for (int i = 0; i < spatial; i++) {
      ones[i + 2] = kernel.get(i);
    }
    Value spread =
        g.op(
            "ConvTranspose",
            List.of(
                Attribute.ofInts("strides", window.strides()),
                Attribute.ofInts("dilations", window.dilations()),
                Attribute.ofInts("pads", pads),
                Attribute.ofInts("output_padding", missing)),
            g.reshape(shares, g.reshapeTarget(single)),
            g.constant(Tensor.ofFloats(g.type(x), ones, weights)));
    return g.only(() -> image.isEmpty() ? dy : g.reshapeLike(spread, x));
  }

  /** How many elements each window along one axis has; with the pads where {@code end >= 0}. */
  private static double[] counts(
      Window window, List<Long> kernel, int axis, long in, long out, long end) {
    double[] counts = new double[Math.toIntExact(out)];
    long before = window.pads().get(axis);
    for (int o = 0; o < out; o++) {
      for (long k = 0; k < kernel.get(axis); k++) {
        long at = o * window.strides().get(axis) + k * window.dilations().get(axis) - before;
        boolean inside = end < 0 ? at >= 0 && at < in : at < in + end;
        counts[o] += inside ? 1 : 0;
      }
    }
    return counts;
  }

  /** [1, 1, out..]: one over the product of the counts. */
  private static Tensor inverse(double[][] counts) {
    long[] dims = new long[counts.length + 2];
    Arrays.fill(dims, 1);
    int total = 1;
    for (int i = 0; i < counts.length; i++) {
      dims[i + 2] = counts[i].length;
      total *= counts[i].length;
    }
    float[] values = new float[total];
    for (int at = 0; at < total; at++) {
      double product = 1;
      int rest = at;
      for (int i = counts.length - 1; i >= 0; i--) {
        product *= counts[i][rest % counts[i].length];
        rest /= counts[i].length;
      }
      values[at] = (float) (1 / product);
    }
    return Tensor.ofFloats(dims, values);
  }

  /**
   * The greatest of each window: {@code dy} goes to where it was found, which the operator's second
   * output says as positions in the flattened operand.
   */
  private static List<@Nullable Value> maximum(Node node, Value dy, GradientContext g) {
    if (node.intAttribute("storage_order", 0) != 0) {
      throw g.unsupported("its indices are column-major", "use storage_order 0");
    }
    Value x = node.input(0);
    Value found = g.reshape(g.demandOutput(node, 1), -1);
    Value flat = g.zeros(g.op("ReduceProd", g.shapeOperand(x)));
    Value scattered =
        g.op(
            "ScatterElements",
            List.of(Attribute.of("axis", 0L), Attribute.of("reduction", "add")),
            flat,
            found,
            g.reshape(dy, -1));
    return g.only(() -> g.reshapeLike(scattered, x));
  }

  /**
   * Resampling is a matrix for each axis, {@code y = R x}, and {@code dx = Rᵀ dy}. The operator
   * itself says what {@code R} is: resampling the unit matrix along its rows gives {@code Rᵀ}.
   */
  private static List<@Nullable Value> resize(Node node, Value dy, GradientContext g) {
    String coordinates = node.stringAttribute("coordinate_transformation_mode", "half_pixel");
    if (!SEPARABLE.contains(node.stringAttribute("mode", "nearest"))
        || coordinates.equals("tf_crop_and_resize")
        || node.attribute("axes") != null
        || !node.stringAttribute("keep_aspect_ratio_policy", "stretch").equals("stretch")
        || node.intAttribute("antialias", 0) != 0) {
      throw g.unsupported("this way of resizing has no rule", "resize outside the model");
    }
    Value x = node.input(0);
    int rank = g.rank(x);
    Value dx = dy;
    for (int axis = 0; axis < rank; axis++) {
      if (!keeps(node, axis, g)) {
        Value transposed = resampling(node, axis, g);
        long[] perm = LongStream.range(0, rank).toArray();
        perm[axis] = rank - 1L;
        perm[rank - 1] = axis;
        Value last = g.matMul(g.transpose(dx, perm), g.swapped(transposed, 2));
        dx = g.transpose(last, perm);
      }
    }
    Value result = dx;
    return g.only(() -> result);
  }

  /**
   * A scale near 1 moves positions even where it leaves the extent as it is; but where it leaves
   * all extents so, ONNX Runtime copies.
   */
  private static boolean keeps(Node node, int axis, GradientContext g) {
    List<Size> in = g.shape(node.input(0));
    List<Size> out = g.shape(node.output());
    if (!isByScale(node, g) || in.equals(out)) {
      return in.get(axis).equals(out.get(axis));
    }
    Tensor scales = ConstantValue.of(node.input(2));
    return scales != null && scales.floats()[axis] == 1;
  }

  private static boolean isByScale(Node node, GradientContext g) {
    Value scales = node.optionalInput(2);
    return scales != null && !g.shape(scales).get(0).is(0);
  }

  /** [in, out]: the unit matrix resampled as the node resamples {@code axis}. */
  private static Value resampling(Node node, int axis, GradientContext g) {
    Value x = node.input(0);
    Value in = g.extent(x, axis);
    Value out = g.extent(node.output(), axis);
    Value square = g.op("ConstantOfShape", g.concat(0, in, in));
    Value unit = g.op("EyeLike", List.of(Attribute.of("dtype", (long) g.type(x).code())), square);
    List<Attribute> attributes =
        node.attributes().stream()
            .filter(attribute -> !attribute.name().equals("antialias"))
            .map(attribute -> new Attribute(attribute.name(), attribute.content(), null))
            .toList();
    if (!isByScale(node, g)) {
      Value sizes = g.concat(0, g.longs(1, 1), in, out);
      Value image = g.unsqueeze(unit, 0, 1);
      return g.squeeze(g.op("Resize", attributes, image, null, null, sizes), 0, 1);
    }
    // Rows as channels of images one pixel high; doubling that sees to it that nothing is copied.
    Value images = g.unsqueeze(unit, 0, 2);
    Value own = g.op("Gather", node.input(2), g.longs(axis));
    Value scales = g.concat(0, g.constant(Tensor.ofFloats(new long[] {3}, 1, 1, 2)), own);
    Value resized = g.op("Resize", attributes, images, null, scales);
    return g.squeeze(g.slice(resized, 2, 0, 1), 0, 2);
  }
}
