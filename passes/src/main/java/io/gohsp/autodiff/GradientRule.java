package io.gohsp.autodiff;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The formula that takes the gradients of one operator's outputs to those of its inputs. Stateless.
 */
@FunctionalInterface
public interface GradientRule {
  /**
   * Writes the gradient of each input as nodes.
   *
   * @param outputGradients one for each output, of the output's shape; null where the loss does not
   *     depend on it, but never all null
   * @return one for each input, of the input's shape; null where there is none, or where {@link
   *     GradientContext#wants} says that nobody reads it. A shorter list stands for nulls at its
   *     end.
   * @throws io.gohsp.ir.ModelException.Unsupported if this form of the operator has no formula here
   */
  List<@Nullable Value> backward(
      Node node, List<@Nullable Value> outputGradients, GradientContext g);

  /** A rule for operators with one differentiable output. */
  @FunctionalInterface
  interface OfOneOutput {
    List<@Nullable Value> backward(Node node, Value dy, GradientContext g);
  }
}
