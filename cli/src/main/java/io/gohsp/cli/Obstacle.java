package io.gohsp.cli;

import io.gohsp.axis.Contraction;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Node;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something a block cannot lose.
 *
 * @param part heads, qk, v or neurons
 * @param node where it was found out; null for the model's inputs and outputs
 */
record Obstacle(String block, String part, @Nullable Node node, String reason) {
  /** All of a model, in the order of its blocks. */
  static List<Obstacle> in(List<Block> blocks) {
    List<Obstacle> all = new ArrayList<>();
    for (Block block : blocks) {
      AttentionPart attention = block.attention();
      if (attention != null) {
        if (attention.heads() != null) {
          add(block, "heads", attention.heads(), all);
        }
        columns(block, "qk", attention.qk(), attention.scores(), all);
        columns(block, "v", attention.v(), attention.outputs(), all);
      }
      if (block.mlp() != null) {
        add(block, "neurons", block.mlp().neurons(), all);
      }
    }
    return all;
  }

  private static void columns(
      Block block,
      String part,
      @Nullable PrunableAxis axis,
      List<Contraction> where,
      List<Obstacle> all) {
    if (axis != null) {
      add(block, part, axis, all);
      return;
    }
    Node node = where.isEmpty() ? null : where.get(0).node();
    all.add(new Obstacle(block.name(), part, node, "its columns could not be told apart"));
  }

  private static void add(Block block, String part, PrunableAxis axis, List<Obstacle> all) {
    Fixed obstacle = axis.obstacle();
    if (obstacle != null) {
      all.add(new Obstacle(block.name(), part, obstacle.node(), obstacle.reason()));
    }
  }

  /** How messages call the node. */
  @Nullable String nodeName() {
    return node == null ? null : nameOf(node);
  }

  /** The name of a node, or of its first output where it has none. */
  static String nameOf(Node node) {
    return node.name().isEmpty() && !node.outputs().isEmpty() ? node.output().name() : node.name();
  }

  @Nullable String opType() {
    return node == null ? null : node.op().type();
  }
}
