package io.gohsp.autodiff;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.GemmOp;
import io.gohsp.op.LayerNormOp;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves the scale and bias of a layer normalisation, and the bias of the linear layers behind it,
 * into the weights of those layers, in the training graph only.
 *
 * <p>{@code (n s + b) Wᵀ + c}, with {@code n} the normalised [.., D], is {@code (n + 1) Vᵀ} for
 * {@code V = W s + (W (b - s) + c) / D} where the second term is the same all along a row: {@code
 * n} adds up to zero, so it sees nothing of that term, and the ones add up {@code V}'s rows to
 * {@code W b + c}. The gradients of {@code s}, {@code b} and {@code c} then come from that of
 * {@code V}, not from sums over all tokens, the layer adds no bias to its wide output, and the
 * normalisation's gradient finds {@code n} in its own output.
 */
final class NormedLayers {
  /** In wider layers passes over weights cost what passes over activations saved. */
  private static final long WIDEST = 512;

  private final Graph graph;
  private final ShapeFacts facts;
  private final Set<Value> kept;

  private NormedLayers(Graph graph, ShapeFacts facts, Set<Value> kept) {
    this.graph = graph;
    this.facts = facts;
    this.kept = kept;
  }

  /**
   * @param kept values that must keep their contents, beside graph outputs
   */
  static void fold(Graph graph, ShapeFacts facts, Set<Value> kept) {
    new NormedLayers(graph, facts, kept).run();
  }

  /**
   * A product with a weight, [out, in] if {@code rows}, else [in, out].
   *
   * @param biased where the bias has been added; the product's own output if it has none
   */
  private record Layer(
      Node product, Value weight, boolean rows, @Nullable Value bias, Value biased) {}

  private void run() {
    for (Node norm : List.copyOf(graph.nodes())) {
      if (norm.is("LayerNormalization") && isFoldable(norm)) {
        List<Layer> layers = new ArrayList<>();
        if (collect(norm.output(), norm.output(), layers)) {
          fold(norm, layers);
        }
      }
    }
  }

  /** Whether it normalises the last axis of known extent, with parameters of that extent. */
  private boolean isFoldable(Node norm) {
    List<Size> shape = facts.shape(norm.output());
    return shape != null
        && LayerNormOp.of(norm).axis(shape.size()) == shape.size() - 1
        && width(norm.output()) > 0
        && width(norm.output()) <= WIDEST
        && isParameter(norm.input(1), width(norm.output()))
        && (norm.optionalInput(2) == null || isParameter(norm.input(2), width(norm.output())))
        && norm.presentOutputs().count() == 1;
  }

  /** The extent of the last axis; 0 if that is only known at run time. */
  private long width(Value value) {
    List<Size> shape = facts.shape(value);
    Size last = shape == null || shape.isEmpty() ? null : shape.get(shape.size() - 1);
    return last != null && last.isKnown() ? last.value() : 0;
  }

  /** Constant nodes are not: they may stand behind the place where this writes. */
  private static boolean isParameter(Value value, long... dims) {
    Tensor constant = value.constant();
    return constant != null
        && constant.type() == ElementType.FLOAT
        && Arrays.equals(constant.dims(), dims);
  }

  /** Finds the linear layers that read a value; false if something else reads it too. */
  private boolean collect(Value normed, Value value, List<Layer> layers) {
    if (isAskedFor(value) || value.uses().isEmpty()) {
      return false;
    }
    for (Use use : value.uses()) {
      Node reader = use.node();
      if (use.index() != 0) {
        return false;
      } else if (reader.is("Reshape") && width(reader.output()) == width(normed)) {
        if (!collect(normed, reader.output(), layers)) {
          return false;
        }
      } else {
        Layer layer = layer(reader, width(normed));
        if (layer == null) {
          return false;
        }
        layers.add(layer);
      }
    }
    return true;
  }

  private boolean isAskedFor(Value value) {
    return value.isGraphOutput() || kept.contains(value);
  }

  private @Nullable Layer layer(Node product, long in) {
    boolean gemm = product.is("Gemm");
    if (!gemm && !product.is("MatMul")) {
      return null;
    }
    Value weight = product.input(1);
    GemmOp op = gemm ? GemmOp.of(product) : null;
    boolean rows = op != null && op.transB();
    long out = width(product.output());
    if (!isParameter(weight, rows ? new long[] {out, in} : new long[] {in, out})) {
      return null;
    }
    if (op != null) {
      Value bias = product.optionalInput(2);
      boolean plain = !op.transA() && op.alpha() == 1 && op.beta() == 1;
      return plain && (bias == null || isParameter(bias, out))
          ? new Layer(product, weight, rows, bias, product.output())
          : null;
    }
    Node add = biasing(product).orElse(null);
    if (add != null) {
      for (int i = 0; i < 2; i++) {
        if (isParameter(add.input(i), out)) {
          return new Layer(product, weight, false, add.input(i), add.output());
        }
      }
    }
    return new Layer(product, weight, false, null, product.output());
  }

  private Optional<Node> biasing(Node product) {
    Value sum = product.output();
    return sum.uses().size() == 1 && !isAskedFor(sum)
        ? Optional.of(sum.uses().get(0).node())
            .filter(node -> node.is("Add") && !isAskedFor(node.output()))
        : Optional.empty();
  }

  private void fold(Node norm, List<Layer> layers) {
    long width = width(norm.output());
    float[] ones = new float[(int) width];
    Arrays.fill(ones, 1);
    GraphBuilder g = GraphBuilder.before(norm).in(norm.output().name());
    Value one = g.constant("ones", Tensor.ofFloats(new long[] {width}, ones));
    Value scale = norm.input(1);
    Value bias = norm.optionalInput(2);
    Value share = g.scalar(1f / width);
    Value shift = g.mul(bias == null ? g.op("Neg", scale) : g.sub(bias, scale), share);
    Value shifted =
        g.op("LayerNormalization", List.copyOf(norm.attributes()), norm.input(0), one, one);
    norm.output().replaceAllUsesWith(shifted);
    graph.remove(norm);
    layers.forEach(layer -> rewrite(layer, scale, shift, share));
  }

  /**
   * @param scale [D]
   * @param shift {@code (b - s) / D}, [D]
   * @param share {@code 1 / D}
   */
  private static void rewrite(Layer layer, Value scale, Value shift, Value share) {
    Node product = layer.product();
    GraphBuilder g = GraphBuilder.before(product).in(product.output().name());
    Value weight = layer.weight();
    Value constant = // [out, 1] or [1, out]
        layer.rows()
            ? g.matMul(weight, g.unsqueeze(shift, 1))
            : g.matMul(g.unsqueeze(shift, 0), weight);
    if (layer.bias() != null) {
      Value part = g.mul(layer.bias(), share);
      constant = g.add(constant, layer.rows() ? g.unsqueeze(part, 1) : part);
    }
    Value scaled = g.mul(weight, layer.rows() ? scale : g.unsqueeze(scale, 1));
    product.setInput(1, g.add(scaled, constant));
    if (product.is("Gemm")) {
      product.setInput(2, null);
    }
    if (layer.biased() != product.output()) {
      layer.biased().replaceAllUsesWith(product.output());
    }
  }
}
