package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConvOp;
import io.gohsp.op.Window;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Convolutions and their transposes with any stride, padding, dilation and number of groups. */
final class ConvolutionGradients {
  private ConvolutionGradients() {}

  static void register(GradientRules rules) {
    rules.one(ConvolutionGradients::conv, "Conv");
    rules.one(ConvolutionGradients::transposed, "ConvTranspose");
  }

  /**
   * {@code y[b,m,o] = sum over c, k of x[b,c, s o + d k - p] w[m,c,k] + bias[m]}.
   *
   * <p>{@code dx} is the transposed convolution of {@code dy} with the same {@code w}. {@code
   * dw[m,c,k] = sum over b, o of x[b,c, d k + s o - p] dy[b,m,o]} is a convolution again, over the
   * batch instead of the channels, with stride and dilation exchanged; it may come out longer than
   * the kernel, and what exceeds it is dropped. {@code dbias = sum(dy)}.
   */
  private static List<@Nullable Value> conv(Node node, Value dy, GradientContext g) {
    int spatial = g.rank(node.input(0)) - 2;
    ConvOp op = ConvOp.of(node, spatial);
    List<Long> pads = pads(node, op.window(), spatial, g);
    long[] others = LongStream.range(0, spatial + 2L).filter(axis -> axis != 1).toArray();
    return Arrays.asList(
        g.when(0, () -> data(node, dy, op, pads, g)),
        g.when(1, () -> weight(node, dy, op, pads, g)),
        g.when(2, () -> g.sum(dy, false, others)));
  }

  /**
   * {@code y[b,m,s i + d k - p] += x[b,c,i] w[c,m,k]}: {@code dx} is the convolution of {@code dy}
   * with the same {@code w}, and {@code dw} that of a convolution whose image is {@code dy} and
   * whose result has the gradient {@code x}. {@code dbias = sum(dy)}.
   */
  private static List<@Nullable Value> transposed(Node node, Value dy, GradientContext g) {
    int spatial = g.rank(node.input(0)) - 2;
    ConvOp op = ConvOp.of(node, spatial);
    Window window = op.window();
    List<Long> padding = node.intsAttribute("output_padding");
    List<Long> more = padding == null ? Collections.nCopies(spatial, 0L) : padding;
    boolean explicit = List.of("NOTSET", "VALID").contains(window.autoPad());
    if (!explicit || node.intsAttribute("output_shape") != null) {
      throw g.unsupported("its padding follows from its output", "export with explicit pads");
    }
    boolean longer = false;
    for (int i = 0; i < spatial; i++) {
      if (more.get(i) >= window.strides().get(i)) {
        throw g.unsupported(
            "output_padding reaches beyond a stride", "export with an output_padding below it");
      }
      longer |= more.get(i) >= window.dilations().get(i);
    }
    List<Long> pads = pads(node, window, spatial, g);
    boolean exceeds = longer;
    long[] others = LongStream.range(0, spatial + 2L).filter(axis -> axis != 1).toArray();
    return Arrays.asList(
        g.when(
            0,
            () ->
                g.op(
                    "Conv",
                    List.of(
                        Attribute.of("group", op.group()),
                        Attribute.ofInts("strides", window.strides()),
                        Attribute.ofInts("dilations", window.dilations()),
                        Attribute.ofInts("pads", pads)),
                    dy,
                    node.input(1))),
        g.when(
            1,
            () -> {
              long[] weight = known(node, g);
              Value images = byChannel(dy, g.shape(node.output()), weight[1], op.group(), g);
              return weight(node.input(0), images, op, pads, weight, exceeds, g);
            }),
        g.when(2, () -> g.sum(dy, false, others)));
  }

  private static List<Long> pads(Node node, Window window, int spatial, GradientContext g) {
    return switch (window.autoPad()) {
      case "NOTSET" -> window.pads();
      case "VALID" -> Collections.nCopies(2 * spatial, 0L);
      default -> samePads(node, window, spatial, g);
    };
  }

  private static List<Long> samePads(Node node, Window window, int spatial, GradientContext g) {
    Long[] pads = new Long[2 * spatial];
    for (int i = 0; i < spatial; i++) {
      long in = extent(g.shape(node.input(0)), i, g);
      long reach = window.dilations().get(i) * (extent(g.shape(node.input(1)), i, g) - 1) + 1;
      long stride = window.strides().get(i);
      long total = Math.max(0, ((in + stride - 1) / stride - 1) * stride + reach - in);
      long less = total / 2;
      boolean upper = window.autoPad().equals("SAME_UPPER");
      pads[i] = upper ? less : total - less;
      pads[spatial + i] = upper ? total - less : less;
    }
    return List.of(pads);
  }

  private static long extent(List<Size> shape, int spatialAxis, GradientContext g) {
    Size size = shape.get(spatialAxis + 2);
    if (!size.isKnown()) {
      throw g.unsupported(
          "its spatial extent is only known at run time", "export with a fixed image size");
    }
    return size.value();
  }

  private static Value data(Node node, Value dy, ConvOp op, List<Long> pads, GradientContext g) {
    int spatial = pads.size() / 2;
    Window window = op.window();
    if (leavesOpen(node, window, g)) {
      return cropped(node, dy, op, pads, g);
    }
    List<Long> missing = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      long reach = window.dilations().get(i) * (extent(g.shape(node.input(1)), i, g) - 1) + 1;
      Size in = g.shape(node.input(0)).get(i + 2);
      if (!in.isKnown() && window.strides().get(i) == 1) {
        missing.add(0L);
        continue;
      }
      long covered =
          (extent(g.shape(node.output()), i, g) - 1) * window.strides().get(i)
              + reach
              - pads.get(i)
              - pads.get(spatial + i);
      missing.add(extent(g.shape(node.input(0)), i, g) - covered);
    }
    List<Long> end = new ArrayList<>(pads);
    for (int i = 0; i < spatial; i++) { // what stride left over at the end is outside no more
      end.set(spatial + i, pads.get(spatial + i) - missing.get(i));
    }
    boolean negative = end.stream().anyMatch(pad -> pad < 0);
    return g.op(
        "ConvTranspose",
        List.of(
            Attribute.of("group", op.group()),
            Attribute.ofInts("strides", window.strides()),
            Attribute.ofInts("dilations", window.dilations()),
            Attribute.ofInts("pads", negative ? pads : end),
            Attribute.ofInts(
                "output_padding", negative ? missing : Collections.nCopies(spatial, 0L))),
        dy,
        node.input(1));
  }

  /** Whether only run time knows how much stride leaves over at an end. */
  private static boolean leavesOpen(Node node, Window window, GradientContext g) {
    List<Size> shape = g.shape(node.input(0));
    for (int i = 0; i < window.strides().size(); i++) {
      if (!shape.get(i + 2).isKnown() && window.strides().get(i) > 1) {
        return true;
      }
    }
    return false;
  }

  /** As if stride left over as much as it can, which is cut to what there was. */
  private static Value cropped(Node node, Value dy, ConvOp op, List<Long> pads, GradientContext g) {
    int spatial = pads.size() / 2;
    Window window = op.window();
    List<Long> most = window.strides().stream().map(stride -> stride - 1).toList();
    Value whole =
        g.op(
            "ConvTranspose",
            List.of(
                Attribute.of("group", op.group()),
                Attribute.ofInts("strides", window.strides()),
                Attribute.ofInts("dilations", window.dilations()),
                Attribute.ofInts("pads", pads),
                Attribute.ofInts("output_padding", most)),
            dy,
            node.input(1));
    Value extents = g.op("Shape", List.of(Attribute.of("start", 2L)), node.input(0));
    long[] axes = LongStream.range(2, spatial + 2L).toArray();
    return g.op("Slice", whole, g.longs(new long[spatial]), extents, g.longs(axes));
  }

  private static Value weight(Node node, Value dy, ConvOp op, List<Long> pads, GradientContext g) {
    long[] weight = known(node, g); // [M, C/G, k..]
    Value x = node.input(0);
    Value images = byChannel(x, g.shape(x), weight[1], op.group(), g);
    return weight(dy, images, op, pads, weight, !fits(node, op.window(), pads, g), g);
  }

  private static long[] known(Node node, GradientContext g) {
    long[] known = g.known(g.shape(node.input(1)));
    if (known == null) {
      throw g.unsupported("the shape of its weight is unknown", "export with static shapes");
    }
    return known;
  }

  /**
   * @param kernels what plays the kernels' part, [B, M, ..]
   * @param images [C/G, G*B, ..]
   * @param weight the extents of the result, [M, C/G, k..]
   * @param exceeds whether the convolution may come out longer than that
   */
  private static Value weight(
      Value kernels,
      Value images,
      ConvOp op,
      List<Long> pads,
      long[] weight,
      boolean exceeds,
      GradientContext g) {
    int spatial = pads.size() / 2;
    Window window = op.window();
    Value product =
        g.op(
            "Conv",
            List.of(
                Attribute.of("group", op.group()),
                Attribute.ofInts("strides", window.dilations()),
                Attribute.ofInts("dilations", window.strides()),
                Attribute.ofInts("pads", pads)),
            images,
            g.transpose(kernels, exchanged(spatial + 2))); // [M, B, o..]
    Value dw = g.transpose(product, exchanged(spatial + 2)); // [M, C/G, k..]
    long[] axes = LongStream.range(2, spatial + 2L).toArray();
    long[] kernel = LongStream.range(2, spatial + 2L).map(axis -> weight[(int) axis]).toArray();
    return exceeds
        ? g.op("Slice", dw, g.longs(new long[spatial]), g.longs(kernel), g.longs(axes))
        : dw;
  }

  /** Whether stride leaves nothing over at the end, so that dw has the kernel's extents at once. */
  private static boolean fits(Node node, Window window, List<Long> pads, GradientContext g) {
    int spatial = pads.size() / 2;
    for (int i = 0; i < spatial; i++) {
      Size in = g.shape(node.input(0)).get(i + 2);
      if (!in.isKnown() && window.strides().get(i) == 1) {
        continue;
      }
      if (!in.isKnown()) {
        return false;
      }
      long reach = window.dilations().get(i) * (extent(g.shape(node.input(1)), i, g) - 1) + 1;
      long moved = in.value() + pads.get(i) + pads.get(spatial + i) - reach;
      if (moved % window.strides().get(i) / window.dilations().get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** [B, G*C, ..] to [C, G*B, ..]: what a grouped convolution over the batch reads. */
  private static Value byChannel(
      Value x, List<Size> shape, long channels, long groups, GradientContext g) {
    int rank = shape.size();
    if (groups == 1) {
      return g.transpose(x, exchanged(rank));
    }
    List<Size> apart = new ArrayList<>(shape);
    apart.set(1, Size.of(groups));
    apart.add(2, Size.of(channels));
    List<Size> joined = new ArrayList<>(shape);
    joined.set(0, Size.of(channels));
    joined.set(1, shape.get(0).times(Size.of(groups)));
    long[] perm = LongStream.range(0, rank + 1L).toArray();
    perm[0] = 2;
    perm[2] = 0;
    Value grouped = g.transpose(g.reshape(x, g.reshapeTarget(apart, x)), perm); // [C, G, B, ..]
    long open = joined.stream().filter(size -> !size.isKnown()).count();
    if (open <= 1) {
      return g.reshape(grouped, g.reshapeTarget(joined));
    }
    Value count = g.mul(g.extent(x, 0), g.longs(groups));
    Value rest =
        g.op("Shape", List.of(Attribute.of("start", 2L), Attribute.of("end", (long) rank)), x);
    return g.reshape(grouped, g.concat(0, g.longs(channels), count, rest));
  }

  private static long[] exchanged(int rank) {
    long[] perm = LongStream.range(0, rank).toArray();
    perm[0] = 1;
    perm[1] = 0;
    return perm;
  }
}
