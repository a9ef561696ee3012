package io.gohsp.verify;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Optional;
import java.util.Set;

/** Why two runs of a model on one input may differ. */
final class Randomness {
  private static final Set<String> DRAWING =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli");

  private static final int TRAINING_MODE = 2;

  private Randomness() {}

  /** The first node that draws random numbers. */
  static Optional<Node> find(Model model) {
    return Traversal.allNodes(model).filter(Randomness::draws).findFirst();
  }

  private static boolean draws(Node node) {
    return DRAWING.contains(node.op().type()) || (node.is("Dropout") && isTraining(node));
  }

  /** Dropout drops in training mode only; which may be an input, and so up to the caller. */
  private static boolean isTraining(Node dropout) {
    Value mode = dropout.optionalInput(TRAINING_MODE);
    if (mode == null) {
      return false;
    }
    Tensor known = ConstantValue.of(mode);
    return known == null || (known.size() == 1 && known.longs()[0] != 0);
  }
}
