package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConvOp;
import io.gohsp.op.Window;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A convolution whose windows neither overlap nor leave gaps, as at the entry of a Vision
 * Transformer: one product over the windows' elements, of which the weight's gradient is one too.
 */
final class PatchEmbedding {
  private PatchEmbedding() {}

  static void register() {
    Lowering.pattern(PatchEmbedding::conv, "Conv");
  }

  /**
   * [B, C, h p, w p] to [B h w, C p p], times the weight [M, C p p] transposed, to [B, M, h, w].
   * Empty for any other convolution.
   */
  private static List<@Nullable Value> conv(Node node, LoweringContext g) {
    Value x = node.input(0);
    Value weight = node.input(1);
    List<Size> shape = g.shape(x);
    List<Size> kernel = g.shape(weight);
    if (shape.size() != 4 || !kernel.stream().allMatch(Size::isKnown)) {
      return List.of();
    }
    ConvOp op = ConvOp.of(node, 2);
    Window window = op.window();
    long p = kernel.get(2).value();
    long r = kernel.get(3).value();
    boolean tiles =
        op.group() == 1
            && p * r > 1
            && window.strides().equals(List.of(p, r))
            && window.dilations().equals(List.of(1L, 1L))
            && !window.autoPad().startsWith("SAME")
            && window.pads().stream().allMatch(pad -> pad == 0)
            && divides(shape.get(2), p)
            && divides(shape.get(3), r);
    if (!tiles) {
      return List.of();
    }
    long c = kernel.get(1).value();
    long m = kernel.get(0).value();
    long h = shape.get(2).value() / p;
    long w = shape.get(3).value() / r;
    GraphBuilder b = g.build();
    Value windows =
        b.transpose(b.reshape(x, -1, c, h, p, w, r), 0, 2, 4, 1, 3, 5); // [B, h, w, C, p, r]
    Value rows = b.reshape(windows, -1, c * p * r);
    List<Value> operands = new ArrayList<>(List.of(rows, b.reshape(weight, m, c * p * r)));
    Value bias = node.optionalInput(2);
    if (bias != null) {
      operands.add(bias);
    }
    Value product =
        b.op("Gemm", List.of(Attribute.of("transB", 1L)), operands.toArray(Value[]::new));
    return List.of(b.transpose(b.reshape(product, -1, h, w, m), 0, 3, 1, 2));
  }

  private static boolean divides(Size extent, long window) {
    return extent.isKnown() && extent.value() > 0 && extent.value() % window == 0;
  }
}
