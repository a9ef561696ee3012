package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.GemmOp;
import io.gohsp.op.LayerNormOp;
import io.gohsp.op.MatMulOp;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime's fused operators but for attention. */
final class FusedLayers {
  private static final float QUICK_GELU_ALPHA = 1.702f;

  private FusedLayers() {}

  static void register() {
    Lowering.microsoft((node, g) -> gelu(node, g, "none"), "Gelu");
    Lowering.microsoft((node, g) -> gelu(node, g, "none"), "BiasGelu");
    Lowering.microsoft((node, g) -> gelu(node, g, "tanh"), "FastGelu");
    Lowering.microsoft(FusedLayers::quickGelu, "QuickGelu");
    Lowering.microsoft(FusedLayers::fusedMatMul, "FusedMatMul");
    Lowering.microsoft(FusedLayers::fusedGemm, "FusedGemm");
    Lowering.microsoft(FusedLayers::skipLayerNorm, "SkipLayerNormalization");
    Lowering.microsoft(FusedLayers::skipRmsNorm, "SkipSimplifiedLayerNormalization");
    Lowering.microsoft(FusedLayers::embedding, "EmbedLayerNormalization");
  }

  /** {@code gelu(x + bias)}; the bias may be absent. */
  private static List<@Nullable Value> gelu(Node node, LoweringContext g, String approximation) {
    Value x = g.addAll(node.input(0), node.optionalInput(1));
    return List.of(g.build().op("Gelu", List.of(Attribute.of("approximate", approximation)), x));
  }

  /** {@code x sigmoid(alpha x)}. */
  private static List<@Nullable Value> quickGelu(Node node, LoweringContext g) {
    Value x = node.input(0);
    float alpha = node.floatAttribute("alpha", QUICK_GELU_ALPHA);
    return List.of(g.build().mul(x, g.build().op("Sigmoid", g.scaled(x, alpha))));
  }

  /** {@code alpha A' B'}. */
  private static List<@Nullable Value> fusedMatMul(Node node, LoweringContext g) {
    MatMulOp op = MatMulOp.of(node);
    Value a = matrix(node.input(0), op.transBatchA(), op.transA(), g);
    Value b = matrix(node.input(1), op.transBatchB(), op.transB(), g);
    return List.of(g.scaled(g.build().matMul(a, b), op.alpha()));
  }

  private static Value matrix(Value x, boolean moveFirst, boolean swap, LoweringContext g) {
    int rank = g.shape(x).size();
    List<Long> axes = new ArrayList<>();
    for (long i = 0; i < rank; i++) {
      axes.add(i);
    }
    if (moveFirst) {
      axes.add(rank - 2, axes.remove(0));
    }
    if (swap) {
      Collections.swap(axes, rank - 1, rank - 2);
    }
    return moveFirst || swap
        ? g.build().transpose(x, axes.stream().mapToLong(Long::longValue).toArray())
        : x;
  }

  /** {@code activation(alpha A' B' + beta C)}. */
  private static List<@Nullable Value> fusedGemm(Node node, LoweringContext g) {
    GemmOp op = GemmOp.of(node);
    List<Attribute> attributes =
        List.of(
            Attribute.of("alpha", op.alpha()),
            Attribute.of("beta", op.beta()),
            Attribute.of("transA", op.transA() ? 1L : 0L),
            Attribute.of("transB", op.transB() ? 1L : 0L));
    Value sum = g.build().op("Gemm", attributes, node.inputs().toArray(Value[]::new));
    List<Attribute> shape = new ArrayList<>();
    for (String name : List.of("alpha", "beta", "gamma")) {
      Attribute given = node.attribute("activation_" + name);
      if (given != null) {
        shape.add(new Attribute(name, given.content(), null));
      }
    }
    return List.of(g.build().op(node.stringAttribute("activation", ""), shape, sum));
  }

  /** The norm of {@code x + skip + bias}; that sum is the fourth output. */
  private static List<@Nullable Value> skipLayerNorm(Node node, LoweringContext g) {
    Value sum = g.addAll(node.input(0), node.input(1), node.optionalInput(4));
    Value normed =
        g.layerNorm(sum, node.input(2), node.optionalInput(3), LayerNormOp.of(node).epsilon());
    return Arrays.asList(normed, null, null, sum);
  }

  /** The same with the root of the mean square; its bias is the fourth input. */
  private static List<@Nullable Value> skipRmsNorm(Node node, LoweringContext g) {
    Value sum = g.addAll(node.input(0), node.input(1), node.optionalInput(3));
    Value normed =
        g.build()
            .op(
                "SimplifiedLayerNormalization",
                List.of(
                    Attribute.of("axis", -1L),
                    Attribute.of("epsilon", LayerNormOp.of(node).epsilon())),
                sum,
                node.input(2));
    return Arrays.asList(normed, null, null, sum);
  }

  /**
   * The norm of word, position and segment embeddings added up. The second output is the number of
   * tokens that the mask lets through, the third the sum.
   */
  private static List<@Nullable Value> embedding(Node node, LoweringContext g) {
    GraphBuilder b = g.build();
    Value ids = node.input(0);
    Value segments = node.optionalInput(1);
    Value positions = node.optionalInput(8);
    Value words = b.op("Gather", node.input(2), ids);
    Value places;
    if (positions != null) {
      places = b.op("Gather", node.input(3), positions);
    } else {
      Value length =
          b.op("Shape", List.of(Attribute.of("start", 1L), Attribute.of("end", 2L)), ids);
      places = b.op("Slice", node.input(3), b.longs(0), length, b.longs(0));
    }
    Value kinds = segments == null ? null : b.op("Gather", node.input(4), segments);
    Value sum = g.addAll(words, places, kinds);
    Value normed =
        g.layerNorm(sum, node.input(5), node.optionalInput(6), LayerNormOp.of(node).epsilon());
    Value count = null;
    Value mask = node.optionalInput(7);
    Value counted = node.optionalOutput(1);
    if (counted != null && counted.isUsed()) {
      if (mask == null) {
        throw g.unsupported("it counts the tokens of a mask that is absent");
      }
      count = g.cast(b.reduceSum(g.cast(mask, ElementType.INT32), false, 1), ElementType.INT32);
    }
    return Arrays.asList(normed, count, sum);
  }
}
