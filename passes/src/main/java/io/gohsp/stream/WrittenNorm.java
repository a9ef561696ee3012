package io.gohsp.stream;

import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A norm as exporters write it where there is no operator for it: {@code d / √(mean(d²) + ε) · s +
 * b}, with {@code d = x - mean(x)}, or {@code d = x} for one that leaves the mean.
 *
 * @param nodes all of it, in the order of the graph
 * @param reads where the stream is read
 * @param constant which operand of {@code addition} the epsilon is
 * @param plain the quotient
 */
record WrittenNorm(
    List<Node> nodes,
    boolean centred,
    List<Use> reads,
    Node addition,
    int constant,
    Value plain,
    Value result,
    @Nullable Value scale,
    @Nullable Value shift)
    implements Norm {

  /** The norm that begins with a node; null if none does. */
  static @Nullable WrittenNorm startingAt(Node node) {
    if (!node.is("ReduceMean") && !node.is("Pow") && !node.is("Mul")) {
      return null;
    }
    Value x = node.input(0);
    List<Node> nodes = new ArrayList<>();
    List<Use> reads = new ArrayList<>();
    Value deviation = x;
    boolean centred = node.is("ReduceMean");
    if (centred) {
      Node difference = onlyReader(node.output());
      if (difference == null || !difference.is("Sub") || difference.input(0) != x) {
        return null;
      }
      nodes.addAll(List.of(node, difference));
      reads.addAll(List.of(new Use(node, 0), new Use(difference, 0)));
      deviation = difference.output();
    }
    Node square = centred ? square(deviation) : isSquare(node) ? node : null;
    Node mean = square == null ? null : onlyReader(square.output());
    Node addition = mean == null || !mean.is("ReduceMean") ? null : onlyReader(mean.output());
    Node root = addition == null || !addition.is("Add") ? null : onlyReader(addition.output());
    if (square == null || mean == null || addition == null || root == null || !root.is("Sqrt")) {
      return null;
    }
    int constant = scalar(addition.input(0)) == null ? 1 : 0;
    Node quotient = onlyReader(root.output());
    if (scalar(addition.input(constant)) == null || quotient == null) {
      return null;
    }
    nodes.addAll(List.of(square, mean, addition, root));
    boolean inverse =
        quotient.is("Reciprocal") || (quotient.is("Div") && isNumber(quotient.input(0), 1));
    if (inverse) {
      nodes.add(quotient);
      quotient = onlyReader(quotient.output());
    }
    int at = quotient == null ? -1 : quotient.inputs().indexOf(deviation);
    boolean divides = quotient != null && at >= 0 && quotient.is(inverse ? "Mul" : "Div");
    if (quotient == null || !divides || (!inverse && at != 0)) {
      return null;
    }
    nodes.add(quotient);
    if (!centred) {
      for (int i = 0; i < square.inputs().size(); i++) {
        if (square.optionalInput(i) == x) {
          reads.add(new Use(square, i));
        }
      }
      reads.add(new Use(quotient, at));
    } else if (deviation.uses().size()
        != square.inputs().stream().filter(deviation::equals).count() + 1) {
      return null;
    }
    return scaled(nodes, centred, reads, addition, constant, quotient.output());
  }

  /** With what is multiplied and added behind it, channel by channel. */
  private static WrittenNorm scaled(
      List<Node> nodes,
      boolean centred,
      List<Use> reads,
      Node addition,
      int constant,
      Value plain) {
    Value result = plain;
    Value scale = null;
    Value shift = null;
    Node product = onlyReader(plain);
    if (product != null && product.is("Mul") && vector(product, plain) != null) {
      scale = vector(product, plain);
      nodes.add(product);
      result = product.output();
    }
    Node sum = onlyReader(result);
    if (sum != null && sum.is("Add") && vector(sum, result) != null) {
      shift = vector(sum, result);
      nodes.add(sum);
      result = sum.output();
    }
    return new WrittenNorm(
        List.copyOf(nodes), centred, reads, addition, constant, plain, result, scale, shift);
  }

  private static @Nullable Node onlyReader(Value value) {
    return value.uses().size() == 1 && !value.isGraphOutput() ? value.uses().get(0).node() : null;
  }

  private static @Nullable Node square(Value deviation) {
    return deviation.uses().stream()
        .map(Use::node)
        .filter(WrittenNorm::isSquare)
        .findFirst()
        .orElse(null);
  }

  private static boolean isSquare(Node node) {
    return node.is("Pow")
        ? isNumber(node.input(1), 2)
        : node.is("Mul") && node.input(0) == node.input(1);
  }

  private static boolean isNumber(Value value, double number) {
    Double scalar = scalar(value);
    return scalar != null && scalar == number;
  }

  private static @Nullable Double scalar(Value value) {
    Tensor tensor = ConstantValue.of(value);
    return tensor != null && tensor.size() == 1 ? (Double) tensor.doubles()[0] : null;
  }

  /** The stored operand of several numbers beside another one; null if there is none. */
  private static @Nullable Value vector(Node node, Value other) {
    Value operand = node.input(0) == other ? node.input(1) : node.input(0);
    Tensor tensor = ConstantValue.of(operand);
    return tensor != null && tensor.size() > 1 ? operand : null;
  }

  @Override
  public Node node() {
    return nodes.get(0);
  }

  @Override
  public double epsilon() {
    return Objects.requireNonNull(scalar(addition.input(constant)));
  }

  @Override
  public void setEpsilon(double epsilon) {
    Value old = addition.input(constant);
    Tensor tensor = Objects.requireNonNull(ConstantValue.of(old));
    String name = addition.graph().model().names().fresh(old.name() + "_narrow");
    addition.setInput(
        constant,
        addition
            .graph()
            .addInitializer(name, Tensor.ofDoubles(tensor.type(), tensor.dims(), epsilon)));
  }

  @Override
  public Value plain(int channels) {
    return plain;
  }
}
