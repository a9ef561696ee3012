package io.gohsp.shape;

import io.gohsp.op.LayerNormOp;
import io.gohsp.op.SoftmaxOp;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Operators that bring values to a common scale and leave extents alone. */
final class NormalisationShapes {
  private NormalisationShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(NormalisationShapes::softmax, "Softmax", "LogSoftmax", "Hardmax");
    rules.standard(
        NormalisationShapes::layerNorm, "LayerNormalization", "SimplifiedLayerNormalization");
    rules.standard(
        ElementwiseShapes::like,
        "GroupNormalization",
        "InstanceNormalization",
        "LRN",
        "LpNormalization",
        "MeanVarianceNormalization",
        "RMSNormalization");
    rules.standard(NormalisationShapes::batchNorm, "BatchNormalization");
    rules.microsoft(
        NormalisationShapes::skipLayerNorm,
        "SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization");
    rules.microsoft(NormalisationShapes::embedLayerNorm, "EmbedLayerNormalization");
    rules.microsoft(NormalisationShapes::embedLayerNorm, "QEmbedLayerNormalization");
    rules.microsoft(ElementwiseShapes::like, "GroupNorm", "BiasSoftmax");
  }

  private static void softmax(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    if (shape != null && !shape.isEmpty()) {
      SoftmaxOp.of(facts.node()).axes(shape.size()); // refuses axes that do not exist
    }
    ElementwiseShapes.like(facts);
  }

  private static void layerNorm(NodeFacts facts) {
    ElementwiseShapes.like(facts);
    List<Size> shape = facts.shape(0);
    if (shape == null) {
      return;
    }
    int axis = LayerNormOp.of(facts.node()).axis(shape.size());
    List<Size> statistics = new ArrayList<>(shape);
    for (int i = axis; i < statistics.size(); i++) {
      statistics.set(i, Size.ONE);
    }
    facts.result(1, ElementType.FLOAT, List.copyOf(statistics));
    facts.result(2, ElementType.FLOAT, List.copyOf(statistics));
  }

  private static void batchNorm(NodeFacts facts) {
    ElementwiseShapes.like(facts);
    for (int i = 1; i < facts.outputs(); i++) {
      facts.result(i, facts.type(3), facts.shape(3));
    }
  }

  /** The fourth result is the sum that is normalised. */
  private static void skipLayerNorm(NodeFacts facts) {
    ElementwiseShapes.like(facts);
    facts.result(3, facts.type(0), facts.shape(0));
  }

  /**
   * Token ids [B, N] and tables [V, D] give [B, N, D], lengths [B], and the sum of the embeddings;
   * from tables of bytes, floats.
   */
  private static void embedLayerNorm(NodeFacts facts) {
    List<Size> ids = facts.shape(0, 2);
    List<Size> table = facts.shape(2, 2);
    List<Size> shape =
        ids == null || table == null
            ? null
            : Shapes.concatenated(ids, table.subList(1, table.size()));
    boolean quantised = facts.node().op().type().startsWith("Q");
    ElementType type = quantised ? ElementType.FLOAT : facts.type(2);
    facts.result(0, type, shape);
    for (int other : new int[] {1, 7}) { // segments and mask
      List<Size> beside = facts.shape(other);
      if (ids != null && beside != null && beside.size() == 2) {
        facts.meet(ids.get(1), beside.get(1));
      }
    }
    facts.result(1, ElementType.INT32, ids == null ? null : ids.subList(0, 1));
    facts.result(2, type, shape);
  }
}
