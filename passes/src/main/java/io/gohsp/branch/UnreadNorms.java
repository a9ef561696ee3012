package io.gohsp.branch;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.rewrite.GraphBuilder;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * An addition and a norm in one, of which only the sum is read once the branch behind the norm is
 * gone, becomes an addition.
 */
public final class UnreadNorms {
  /** Which of the outputs is the sum. */
  private static final int SUM = 3;

  private UnreadNorms() {}

  /**
   * Rewrites a model.
   *
   * @param before names of the values that nobody read before branches went; such norms stay
   */
  public static void run(Model model, Set<String> before) {
    Traversal.allNodes(model).toList().stream()
        .filter(node -> isSumAlone(node, before))
        .forEach(UnreadNorms::add);
  }

  private static boolean isSumAlone(Node node, Set<String> before) {
    Value sum = node.op().type().startsWith("Skip") ? node.optionalOutput(SUM) : null;
    return sum != null
        && sum.isUsed()
        && !before.contains(node.output(0).name())
        && IntStream.range(0, SUM)
            .mapToObj(node::optionalOutput)
            .noneMatch(output -> output != null && output.isUsed());
  }

  private static void add(Node node) {
    GraphBuilder at = GraphBuilder.before(node).as(node.name() + "/sum");
    Value sum = at.add(node.input(0), node.input(1));
    Value bias = BranchRemoval.bias(node);
    BranchRemoval.flowOn(node, node.output(SUM), bias == null ? sum : at.add(sum, bias));
  }
}
