package io.gohsp.lower;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes one fused operator apart. Stateless. */
@FunctionalInterface
interface LoweringRule {
  /**
   * Writes standard operators in place of the node.
   *
   * @return what replaces each output; null, or a shorter list, where the output must not be read
   * @throws io.gohsp.ir.ModelException.Unsupported if the operator is used in a way that has no
   *     rule
   */
  List<@Nullable Value> lower(Node node, LoweringContext g);
}
