package io.gohsp.rank;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import java.util.List;

/**
 * How many query rows of attention maps are compared where nobody says. All of them where that
 * costs about a third of running the model, or less; every second, third … where models are so
 * narrow that the logarithms of all pairs of maps would take as long as the model itself. Measured
 * on a ViT of width 128 with 8 heads and 65 tokens: every fourth row moves π by up to 0.0015, other
 * calibration images move it by 0.0024.
 */
final class RowStep {
  /**
   * Logarithms for each multiply-accumulate of the model that cost about a third of it, measured on
   * DeiT-Small (0.0015 are 0.31).
   */
  private static final double AFFORDABLE = 0.0022;

  private RowStep() {}

  /**
   * @param lowered the model, with attention as MatMul and Softmax
   */
  static int affordable(
      Model lowered, ShapeFacts facts, AxisAnalysis analysis, List<Block> blocks) {
    double logarithms = 0;
    for (Block block : blocks) {
      AttentionPart attention = block.attention();
      int heads = attention == null ? 1 : attention.headCount();
      if (heads > 1) {
        for (AttentionSite site : AttentionSite.of(block, analysis)) {
          AttentionSite.Map map = site.map(analysis);
          List<Size> shape = map == null ? null : facts.shape(map.value());
          // Of the pairs of maps, heads * (heads - 1) / 2.
          logarithms += shape == null ? 0 : elements(shape) * (heads - 1) / 2.0;
        }
      }
    }
    return (int) Math.max(1, Math.ceil(logarithms / CostModel.of(lowered).macs() / AFFORDABLE));
  }

  /** For one image: an open first extent is the batch, others are as long as usual. */
  private static double elements(List<Size> shape) {
    double elements = 1;
    for (int axis = 0; axis < shape.size(); axis++) {
      Size size = shape.get(axis);
      elements *= size.isKnown() ? size.value() : axis == 0 ? 1 : (double) CostModel.TYPICAL_EXTENT;
    }
    return elements;
  }
}
