package io.gohsp.vit;

import io.gohsp.axis.Contraction;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a part of a block joins the residual stream.
 *
 * @param name "the attention of block 3"
 * @param contribution what is added to the stream, after scales and biases of its own
 * @param stream what comes out of the addition; null if the contribution joins nothing that is
 *     recognised
 */
public record StreamPoint(String name, Value contribution, @Nullable Value stream) {
  /** How many operators may lie between an output layer and the stream. */
  private static final int STEPS = 16;

  /** Of the outputs of SkipLayerNormalization and SkipSimplifiedLayerNormalization. */
  private static final int SUM = 3;

  /** Of all blocks, in their order; values of the main graph only. */
  public static List<StreamPoint> of(List<Block> blocks) {
    List<StreamPoint> points = new ArrayList<>();
    OwnLayers own = new OwnLayers(blocks);
    for (Block block : blocks) {
      if (block.attention() != null) {
        add("the attention of " + block.name(), own.of(block.attention().outputs()), points);
      }
      if (block.mlp() != null) {
        add("the MLP of " + block.name(), own.of(block.mlp().outputs()), points);
      }
    }
    return points;
  }

  private static void add(String name, List<Contraction> outputs, List<StreamPoint> points) {
    for (Contraction output : outputs) {
      Node node = output.node();
      if (node.graph() == node.graph().model().graph() && node.optionalOutput(0) != null) {
        points.add(of(name, node.output(0)));
      }
    }
  }

  private static StreamPoint of(String name, Value output) {
    Value at = output;
    for (int step = 0; step < STEPS && at.uses().size() == 1 && !at.isGraphOutput(); step++) {
      Use use = at.uses().get(0);
      Node node = use.node();
      Value next = node.optionalOutput(0);
      if (next == null || node.graph() != output.graph()) {
        break;
      }
      if (ResidualStream.isAddition(node) && meetsAnother(use)) {
        return new StreamPoint(name, at, sum(node, next));
      }
      if (!ResidualStream.passes(node)) {
        break;
      }
      at = next;
    }
    return new StreamPoint(name, at, null);
  }

  /** A norm that adds first returns the sum too, where something else reads it. */
  private static Value sum(Node addition, Value result) {
    Value sum = ResidualStream.alsoNorms(addition) ? addition.optionalOutput(SUM) : null;
    return sum == null ? result : sum;
  }

  private static boolean meetsAnother(Use use) {
    Node node = use.node();
    for (int i = 0; i < Math.min(2, node.inputs().size()); i++) {
      Value other = node.optionalInput(i);
      if (i != use.index() && other != null && ConstantValue.of(other) == null) {
        return true;
      }
    }
    return false;
  }
}
