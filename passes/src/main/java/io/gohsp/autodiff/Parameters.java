package io.gohsp.autodiff;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Which constants of a model are parameters; files do not say. */
public final class Parameters {
  private static final Set<String> WAVES = Set.of("Sin", "Cos");

  /** What may happen to frequencies on the way. */
  private static final Set<String> TOWARDS_WAVES =
      Set.of(
          "Cast",
          "Concat",
          "Div",
          "Expand",
          "Gather",
          "Identity",
          "MatMul",
          "Mul",
          "Reshape",
          "Slice",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  /** How a table of sines and one of cosines are stored in one. */
  private static final Set<String> TAKEN_APART =
      Set.of("Cast", "Identity", "Slice", "Split", "Squeeze", "Unsqueeze");

  private static final int MAX_STEPS = 12;

  private Parameters() {}

  /**
   * The floating constants of the main graph: initializers in file order, then outputs of Constant
   * nodes.
   */
  public static List<Value> candidates(Model model) {
    List<Value> all = new ArrayList<>(model.graph().initializers());
    for (Node node : model.graph().nodes()) {
      if (node.is("Constant")) {
        all.add(node.output());
      }
    }
    all.removeIf(
        value -> {
          Tensor constant = ConstantValue.of(value);
          return constant == null || !constant.type().isFloating();
        });
    return all;
  }

  /**
   * Whether a floating constant looks learnt. Not: single numbers, running statistics, masks,
   * frequencies, and tables that are only multiplied with activations, as rotary position
   * embeddings are.
   */
  public static boolean trainable(Value value) {
    Tensor constant = ConstantValue.of(value);
    if (constant == null || !constant.type().isFloating() || constant.size() < 2) {
      return false;
    }
    List<Use> uses = value.uses();
    if (uses.stream().anyMatch(Parameters::isStatistic)
        || (!uses.isEmpty() && isFrequency(value, MAX_STEPS))) {
      return false;
    }
    boolean table = Arrays.stream(constant.dims()).filter(extent -> extent > 1).count() > 1;
    if (table && isFactor(value, MAX_STEPS)) {
      return false;
    }
    if (!isFinite(constant)) { // what masks are filled with
      return false;
    }
    return !Masks.isMask(value, constant);
  }

  private static boolean isStatistic(Use use) {
    return use.node().is("BatchNormalization") && use.index() >= 3;
  }

  /** Whether all that becomes of a value is the sine or cosine of something. */
  private static boolean isFrequency(Value value, int steps) {
    return steps > 0
        && !value.isGraphOutput()
        && value.uses().stream()
            .map(Use::node)
            .allMatch(
                node ->
                    WAVES.contains(node.op().type())
                        || node.is("Shape")
                        || (TOWARDS_WAVES.contains(node.op().type())
                            && isFrequency(node.output(), steps - 1)));
  }

  /** Whether all that becomes of a value, possibly part by part, is a factor in a product. */
  private static boolean isFactor(Value value, int steps) {
    return steps > 0
        && value.isUsed()
        && !value.isGraphOutput()
        && value.uses().stream()
            .map(Use::node)
            .allMatch(
                node ->
                    node.is("Mul")
                        || (TAKEN_APART.contains(node.op().type())
                            && node.presentOutputs().allMatch(part -> isFactor(part, steps - 1))));
  }

  private static boolean isFinite(Tensor constant) {
    for (float element : constant.floats()) {
      if (!Float.isFinite(element)) {
        return false;
      }
    }
    return true;
  }
}
