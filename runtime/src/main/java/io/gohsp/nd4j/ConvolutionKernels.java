package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import io.gohsp.op.ConvOp;
import io.gohsp.op.Window;
import java.util.Arrays;
import java.util.List;

/**
 * Convolutions over any number of axes, as products with unfolded operands. Patch embeddings do not
 * come here: training graphs have them as plain products.
 */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  static void register(Kernels kernels) {
    kernels.add(ConvolutionKernels::conv, "Conv");
    kernels.add(ConvolutionKernels::transposed, ConvolutionKernels::isExplicit, "ConvTranspose");
  }

  private static boolean isExplicit(Node node) {
    return node.attribute("output_shape") == null
        && node.stringAttribute("auto_pad", "NOTSET").equals("NOTSET");
  }

  /** X [B, C, in...], W [O, C/g, kernel...]. */
  private static void conv(Call call) {
    Floats x = call.dense(0);
    Floats w = call.dense(1);
    ConvOp op = ConvOp.of(call.node(), x.rank() - 2);
    Unfolding unfolding = Unfolding.of(op.window(), x.dims(), spatial(w));
    long batch = x.dim(0);
    long channels = x.dim(1);
    long results = w.dim(0);
    long group = op.group();
    long inner = channels / group * unfolding.windowSize();
    long places = unfolding.places();
    long[] dims = ContractionKernels.concat(new long[] {batch, results}, unfolding.steps());
    Floats columns = call.scratch(batch, group, inner, places);
    unfolding.unfold(
        unfolding.sources(), x.read(), columns.write(), Math.toIntExact(batch * channels));
    Floats z = call.out(0, dims);
    Floats y = z.reshaped(batch, group, results / group, places);
    Floats weight = w.reshaped(group, results / group, inner);
    for (int b = 0; b < batch; b++) {
      for (int g = 0; g < group; g++) {
        ContractionKernels.multiply(part(weight, g), part(columns, b, g), part(y, b, g));
      }
    }
    addBias(call, z);
  }

  /** X [B, C, in...], W [C, O/g, kernel...]: what each input adds to the places that it sees. */
  private static void transposed(Call call) {
    Floats x = call.dense(0);
    Floats w = call.dense(1);
    ConvOp op = ConvOp.of(call.node(), x.rank() - 2);
    Window window = op.window();
    List<Long> extra = call.node().intsAttribute("output_padding");
    long group = op.group();
    long results = w.dim(1) * group;
    int spatial = x.rank() - 2;
    long[] kernel = spatial(w);
    long[] dims = x.dims().clone();
    dims[1] = results;
    for (int i = 0; i < spatial; i++) {
      dims[i + 2] =
          (x.dim(i + 2) - 1) * window.strides().get(i)
              + (kernel[i] - 1) * window.dilations().get(i)
              + 1
              + (extra == null ? 0 : extra.get(i))
              - window.pads().get(i)
              - window.pads().get(i + spatial);
    }
    Unfolding unfolding =
        new Unfolding(
            Arrays.copyOfRange(dims, 2, dims.length),
            kernel,
            spatial(x),
            Unfolding.longs(window.strides()),
            Unfolding.longs(window.dilations()),
            Unfolding.longs(window.pads().subList(0, spatial)));
    long batch = x.dim(0);
    long outer = results / group * unfolding.windowSize();
    long places = unfolding.places();
    Floats columns = call.scratch(batch, group, outer, places);
    Floats operand = x.reshaped(batch, group, x.dim(1) / group, places);
    Floats weight = w.reshaped(group, w.dim(0) / group, outer);
    for (int b = 0; b < batch; b++) {
      for (int g = 0; g < group; g++) {
        ContractionKernels.multiply(
            part(weight, g), true, part(operand, b, g), false, part(columns, b, g));
      }
    }
    Floats z = call.out(0, dims);
    z.array().assign(0);
    unfolding.fold(
        unfolding.sources(), columns.read(), z.write(), Math.toIntExact(batch * results));
    addBias(call, z);
  }

  private static long[] spatial(Floats x) {
    return Arrays.copyOfRange(x.dims(), 2, x.rank());
  }

  private static void addBias(Call call, Floats z) {
    if (call.has(2)) {
      Floats bias = call.dense(2);
      long[] dims = new long[z.rank() - 1];
      Arrays.fill(dims, 1);
      dims[0] = bias.size();
      Call.custom("add", z, z, bias.reshaped(dims));
    }
  }

  /** One matrix of a dense stack of stacks. */
  private static Floats part(Floats x, int... index) {
    Layout layout = x.layout();
    long offset = layout.offset();
    for (int i = 0; i < index.length; i++) {
      offset += index[i] * layout.strides()[i];
    }
    long[] dims = Arrays.copyOfRange(x.dims(), index.length, x.rank());
    return x.seen(Layout.dense(dims).shifted(offset));
  }
}
