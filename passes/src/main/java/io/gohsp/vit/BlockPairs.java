package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import java.util.ArrayList;
import java.util.List;

/** Blocks of the attentions and MLPs that were found, in the order of the graph. */
final class BlockPairs {
  private BlockPairs() {}

  /**
   * Attentions and the MLPs that follow them form blocks. Where several attentions come before the
   * first MLP, the last ones get the MLPs: a decoder's cross attention, or parallel attentions one
   * MLP each.
   */
  static List<Block> of(List<Object> parts, AxisAnalysis analysis) {
    List<Block> blocks = new ArrayList<>();
    List<AttentionPart> attentions = new ArrayList<>();
    List<MlpPart> mlps = new ArrayList<>();
    for (Object part : parts) {
      if (part instanceof AttentionPart attention) {
        if (!mlps.isEmpty()) {
          close(attentions, mlps, blocks);
        }
        attentions.add(attention);
      } else if (isOfConstants(
          (MlpPart) part, analysis)) { // makes a position bias: a block of its own
        if (!mlps.isEmpty()) {
          close(attentions, mlps, blocks);
        }
        blocks.add(new Block(Block.nameOf(blocks.size()), null, (MlpPart) part));
      } else {
        mlps.add((MlpPart) part);
      }
    }
    close(attentions, mlps, blocks);
    return List.copyOf(blocks);
  }

  private static boolean isOfConstants(MlpPart mlp, AxisAnalysis analysis) {
    return analysis.isConstant(mlp.outputs().get(0).node().output(0));
  }

  private static void close(
      List<AttentionPart> attentions, List<MlpPart> mlps, List<Block> blocks) {
    int without = Math.max(0, attentions.size() - mlps.size());
    for (int i = 0; i < Math.max(attentions.size(), mlps.size()); i++) {
      AttentionPart attention = i < attentions.size() ? attentions.get(i) : null;
      MlpPart mlp = i >= without && i - without < mlps.size() ? mlps.get(i - without) : null;
      blocks.add(new Block(Block.nameOf(blocks.size()), attention, mlp));
    }
    attentions.clear();
    mlps.clear();
  }
}
