package io.gohsp.rank;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.OwnLayers;
import java.util.List;

/**
 * How many query rows of attention maps are compared where nobody says. As many as keep a ranking,
 * pictures read and results added up, within 1.3 times the model itself: every second or third for
 * the DeiTs, fewer where models are so narrow that the logarithms of all pairs of maps would take
 * as long as the model. Measured on a ViT of width 128 with 8 heads and 65 tokens: every thirteenth
 * row moves π by up to 0.0015, no more than every fourth; other calibration images move it by
 * 0.0018 to 0.0024. Every eighth moves it by 0.008: they are one column of its 8 × 8 patches.
 */
final class RowStep {
  /**
   * Logarithms for each multiply-accumulate of the model. What they cost by the model, measured end
   * to end (docs/PERFORMANCE.md): 0.0085, all rows of that ViT, 0.8; 0.0015, all of DeiT-Small,
   * 0.39; 0.0011, all of DeiT-Tiny, 0.23; 0.0007, about what is left here, 0.1 to 0.2.
   */
  private static final double AFFORDABLE = 0.0007;

  private RowStep() {}

  /**
   * @param lowered the model, with attention as MatMul and Softmax
   */
  static int affordable(
      Model lowered, ShapeFacts facts, AxisAnalysis analysis, List<Block> blocks) {
    double logarithms = 0;
    OwnLayers own = new OwnLayers(blocks);
    for (Block block : blocks) {
      AttentionPart attention = block.attention();
      int heads = attention == null ? 1 : attention.headCount();
      if (heads > 1) {
        for (AttentionSite site : AttentionSite.of(block, own, analysis)) {
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
