package io.gohsp.rank;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import java.util.List;

/**
 * {@code S_ij = max(0, cos(x_i, x_j))} of what heads return or contribute, all tokens of an image
 * as one vector.
 *
 * <p>Both are read off the input {@code O} [tokens, heads * d] of the output projection {@code W}
 * [heads * d, D]. A contribution {@code C_h = O_h W_h} has heads times as many numbers as the
 * stream; it is never computed, because
 *
 * <pre>{@code <C_i, C_j> = sum over a, b of (O_i^T O_j)[a, b] (W_i W_j^T)[a, b]}</pre>
 *
 * needs {@code tokens (heads d)^2} multiplications, about as many as the projection itself, where
 * the products of contributions would need {@code heads^2 tokens D} more and memory for {@code
 * heads tokens D} numbers. {@code W W^T} does not depend on the image; ONNX Runtime folds it.
 */
final class HeadCosine {
  /** Its square is still a normal number, and no head that does anything is so small. */
  private static final float TINY = 1e-18f;

  private HeadCosine() {}

  /** Similarities of what the heads of a site return, [images, heads, heads]. */
  static Value ofOutputs(AttentionSite site, Instrument instrument) {
    GraphBuilder g = instrument.build();
    Value x = instrument.outputs(site);
    int heads = site.headCount();
    Value apart = g.transpose(g.reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);
    Value flat = g.reshape(apart, 0, 0, -1); // [images, heads, tokens * d]
    return cosine(g.matMul(flat, g.transpose(flat, 0, 2, 1)), heads, instrument.type(x), g);
  }

  /** Similarities of what the heads of a site add to the stream, [images, heads, heads]. */
  static Value ofContributions(AttentionSite site, Instrument instrument) {
    GraphBuilder g = instrument.build();
    Value x = instrument.outputs(site);
    int heads = site.headCount();
    Value w = weight(site, instrument);
    Value weights = g.matMul(w, g.transpose(w, 1, 0)); // [heads * d, heads * d]
    Value outputs = g.matMul(g.transpose(x, 0, 2, 1), x); // [images, heads * d, heads * d]
    Value products = g.mul(outputs, weights);
    long d = width(site) / heads;
    Value gram = g.reduceSum(g.reshape(products, 0, heads, d, heads, d), false, 2, 4);
    return cosine(gram, heads, instrument.type(x), g);
  }

  private static long width(AttentionSite site) {
    return site.output().reduced().size().value();
  }

  /** The projection's weight as [heads * d, D]. */
  private static Value weight(AttentionSite site, Instrument instrument) {
    Node node = site.output().node();
    GraphBuilder g = instrument.build();
    boolean product = node.op().domain().isEmpty() && (node.is("MatMul") || node.is("Gemm"));
    Value w = product ? node.input(1) : null;
    List<AxisLayout> axes = w == null ? null : instrument.analysis().layout(w);
    if (w == null
        || axes == null
        || axes.size() != 2
        || node.input(0) != site.output().gates().get(0)
        || node.intAttribute("transA", 0) != 0) {
      throw site.unsupported(
          "its output projection is " + node.op() + ", whose weight is not a matrix of numbers",
          "use --similarity attention or output");
    }
    boolean turned = node.is("Gemm") && node.intAttribute("transB", 0) != 0;
    return turned ? g.transpose(w, 1, 0) : w;
  }

  private static Value cosine(Value gram, int heads, ElementType type, GraphBuilder g) {
    long[] diagonal = new long[heads];
    for (int i = 0; i < heads; i++) {
      diagonal[i] = (long) i * (heads + 1);
    }
    Value squares =
        g.op(
            "Gather",
            List.of(Attribute.of("axis", 1L)),
            g.reshape(gram, 0, (long) heads * heads),
            g.longs(diagonal));
    Value norms =
        g.op("Max", g.op("Sqrt", g.op("Relu", squares)), g.scalar(type, TINY)); // [images, heads]
    Value cosines = g.div(g.div(gram, g.unsqueeze(norms, 2)), g.unsqueeze(norms, 1));
    return g.op("Clip", cosines, g.scalar(type, 0), g.scalar(type, 1));
  }
}
