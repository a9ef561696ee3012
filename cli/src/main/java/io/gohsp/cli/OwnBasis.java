package io.gohsp.cli;

import io.gohsp.axis.Fixed;
import io.gohsp.basis.BasisAnalysis;
import io.gohsp.basis.Freedom;
import io.gohsp.ir.Node;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether columns of a block's heads may be written in a basis of their own.
 *
 * @param part qk or v
 * @param obstacle why not; null if they may
 */
record OwnBasis(String block, String part, @Nullable Fixed obstacle) {
  /** All of a model, in the order of its blocks. */
  static List<OwnBasis> in(WorkingModel working) {
    BasisAnalysis analysis = BasisAnalysis.of(working);
    List<OwnBasis> all = new ArrayList<>();
    for (Block block : working.blocks()) {
      add(block, "qk", analysis.qk(block), all);
      add(block, "v", analysis.v(block), all);
    }
    return all;
  }

  private static void add(Block block, String part, @Nullable Freedom freedom, List<OwnBasis> all) {
    if (freedom != null) {
      all.add(new OwnBasis(block.name(), part, freedom.obstacle()));
    }
  }

  boolean isFree() {
    return obstacle == null;
  }

  @Nullable String reason() {
    return obstacle == null ? null : obstacle.reason();
  }

  @Nullable String nodeName() {
    Node node = obstacle == null ? null : obstacle.node();
    return node == null ? null : Obstacle.nameOf(node);
  }

  @Nullable String opType() {
    Node node = obstacle == null ? null : obstacle.node();
    return node == null ? null : node.op().type();
  }
}
