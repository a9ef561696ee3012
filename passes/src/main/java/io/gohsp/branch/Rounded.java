package io.gohsp.branch;

import io.gohsp.branch.BranchExit.NoExit;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Numbers on their way through 8 or 16 bits, rounded in single precision as runtimes do. */
final class Rounded {
  private Rounded() {}

  static Channels quantized(ExitRules rules, Node node, Map<Value, Channels> known) throws NoExit {
    ElementType type = rules.type(node.output(0));
    if (type == null || type.isFloating() || type.bits() > 16) {
      throw new NoExit(node, "what the branch adds is rounded to an unknown type");
    }
    boolean signed = type == ElementType.INT8 || type == ElementType.INT16;
    double least = signed ? -Math.scalb(1.0, type.bits() - 1) : 0;
    double most = least + Math.scalb(1.0, type.bits()) - 1;
    float scale = scalar(rules, node, 1);
    float zero = scalar(rules, node, 2);
    return each(
        node, known, x -> Math.min(most, Math.max(least, Math.rint((float) x / scale) + zero)));
  }

  static Channels real(ExitRules rules, Node node, Map<Value, Channels> known) throws NoExit {
    float scale = scalar(rules, node, 1);
    float zero = scalar(rules, node, 2);
    return each(node, known, q -> (float) (q - zero) * scale);
  }

  private static Channels each(Node node, Map<Value, Channels> known, DoubleUnaryOperator operator)
      throws NoExit {
    Channels in = known.get(node.input(0));
    if (in == null) {
      throw new NoExit(node, "the scale depends on the branch");
    }
    return new Channels(Arrays.stream(in.numbers()).map(operator).toArray(), in.along());
  }

  private static float scalar(ExitRules rules, Node node, int operand) throws NoExit {
    @Nullable Value value = node.optionalInput(operand);
    if (value == null) {
      return 0;
    }
    double[] numbers = rules.numbers(node, value);
    if (numbers.length != 1) {
      throw new NoExit(node, "what the branch adds is rounded channel by channel");
    }
    return (float) numbers[0];
  }
}
