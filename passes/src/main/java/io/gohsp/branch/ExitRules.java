package io.gohsp.branch;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.branch.BranchExit.NoExit;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.LayerNormOp;
import io.gohsp.op.ReduceOp;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What operators between an output layer and the stream make of a value that is the same for all
 * tokens. Arithmetic is done in double precision and rounded once.
 */
final class ExitRules {
  /** What one operator makes of its operands. */
  @FunctionalInterface
  interface Rule {
    Channels apply(ExitRules rules, Node node, Map<Value, Channels> known) throws NoExit;
  }

  private static final Map<String, Rule> ROWS = new HashMap<>();

  static {
    // what only moves elements, or leaves some out, keeps every channel's number
    for (String mover :
        List.of(
            "Identity",
            "Cast",
            "Dropout",
            "Reshape",
            "Transpose",
            "Squeeze",
            "Unsqueeze",
            "Flatten",
            "Slice",
            "Gather",
            "Split",
            "Expand",
            "Tile",
            "Concat",
            "DepthToSpace")) {
      ROWS.put(mover, ExitRules::moved);
    }
    ROWS.put("Add", arithmetic(Double::sum));
    ROWS.put("Sum", arithmetic(Double::sum));
    ROWS.put("Sub", arithmetic((a, b) -> a - b));
    ROWS.put("Mul", arithmetic((a, b) -> a * b));
    ROWS.put("Div", arithmetic((a, b) -> a / b));
    ROWS.put("Pow", arithmetic(Math::pow)); // as norms are written that are no operator
    ROWS.put("Sqrt", unary(Math::sqrt));
    ROWS.put("Reciprocal", unary(x -> 1 / x));
    ROWS.put("ReduceMean", ExitRules::averaged);
    ROWS.put("QuantizeLinear", Rounded::quantized);
    ROWS.put("DequantizeLinear", Rounded::real);
    ROWS.put("LayerNormalization", (rules, node, known) -> rules.normalized(node, known, true));
    for (String rms : List.of("RMSNormalization", "SimplifiedLayerNormalization")) {
      ROWS.put(rms, (rules, node, known) -> rules.normalized(node, known, false));
    }
    ROWS.put("BatchNormalization", ExitRules::batchNormalized);
  }

  private final AxisAnalysis analysis;
  private final ShapeFacts facts;

  ExitRules(AxisAnalysis analysis, ShapeFacts facts) {
    this.analysis = analysis;
    this.facts = facts;
  }

  /** The result of an output layer whose inputs are all zero: its bias. */
  Channels outputLayer(Node node) throws NoExit {
    switch (node.op().type()) {
      case "MatMul", "FusedMatMul", "Einsum", "MatMulInteger" -> {
        return Channels.ZERO;
      }
      case "Gemm" -> {
        float beta = node.floatAttribute("beta", 1);
        return bias(node, 2).with(Channels.all(beta), (bias, factor) -> bias * factor);
      }
      case "Conv" -> {
        return convolved(node);
      }
      default -> throw new NoExit(node, "what it adds without inputs is not known");
    }
  }

  private Channels bias(Node node, int operand) throws NoExit {
    Value bias = node.optionalInput(operand);
    return bias == null ? Channels.ZERO : constant(node, bias, node.output(0));
  }

  private Channels convolved(Node node) throws NoExit {
    Value bias = node.optionalInput(2);
    if (bias == null) {
      return Channels.ZERO;
    }
    return channels(node, numbers(node, bias), layouts(node, node.output(0)).get(1));
  }

  /**
   * What a node makes of what is known of its operands.
   *
   * @throws NoExit if it cannot be told, or is no longer the same for all tokens
   */
  Channels apply(Node node, Map<Value, Channels> known) throws NoExit {
    Rule rule = ROWS.get(node.op().type());
    if (rule == null) {
      throw new NoExit(
          node, "what the branch adds goes through more than scales, biases and norms");
    }
    return rule.apply(this, node, known);
  }

  private static Channels moved(ExitRules rules, Node node, Map<Value, Channels> known)
      throws NoExit {
    Channels first = null;
    List<Value> data =
        node.is("Concat")
            ? node.presentInputs().toList()
            : List.of(node.input(0)); // the others are shapes, axes or indices
    for (Value operand : data) {
      Channels channels = known.get(operand);
      if (channels == null) {
        throw new NoExit(node, "what the branch adds is put beside something else");
      }
      if ((first != null && !first.isSame(channels))) {
        throw new NoExit(node, "what the branch adds differs from token to token");
      }
      first = channels;
    }
    if (first == null) {
      throw new NoExit(node, "takes shapes or indices from the branch");
    }
    for (Value output : node.presentOutputs().toList()) {
      if (first.along() != null) {
        rules.axis(node, output, first.along());
      }
    }
    return first;
  }

  private static Rule arithmetic(DoubleBinaryOperator operator) {
    return (rules, node, known) -> {
      boolean product = node.is("Mul") && isZero(node.presentInputs(), known);
      boolean quotient = node.is("Div") && isZero(Stream.of(node.input(0)), known);
      if (product || quotient) {
        return Channels.ZERO; // whatever it is multiplied with
      }
      Channels result = null;
      for (Value operand : node.presentInputs().toList()) {
        Channels next = known.get(operand);
        next = next == null ? rules.constant(node, operand, node.output(0)) : next;
        result = result == null ? next : result.with(next, operator);
        if (result == null) {
          throw new NoExit(node, "what the branch adds differs from token to token");
        }
      }
      return Objects.requireNonNull(result);
    };
  }

  private static Rule unary(DoubleUnaryOperator operator) {
    return (rules, node, known) -> {
      Channels in = Objects.requireNonNull(known.get(node.input(0)));
      return new Channels(Arrays.stream(in.numbers()).map(operator).toArray(), in.along());
    };
  }

  private static Channels averaged(ExitRules rules, Node node, Map<Value, Channels> known)
      throws NoExit {
    Channels in = known.get(node.input(0));
    ReduceOp mean = ReduceOp.of(node, rules.facts);
    int rank = rules.layouts(node, node.input(0)).size();
    boolean channels =
        in != null
            && mean.keepDims()
            && in.along() != null
            && List.of(rules.axis(node, node.input(0), in.along())).equals(mean.axes(rank));
    if (!channels && (in == null || in.along() != null)) {
      throw new NoExit(node, "normalises more than channels");
    }
    return Channels.all(Arrays.stream(in.numbers()).average().orElse(0));
  }

  private static boolean isZero(Stream<Value> factors, Map<Value, Channels> known) {
    return factors.map(known::get).anyMatch(channels -> channels != null && channels.isZero());
  }

  private Channels normalized(Node node, Map<Value, Channels> known, boolean centred)
      throws NoExit {
    Channels in = known.get(node.input(0));
    List<AxisLayout> layouts = layouts(node, node.output(0));
    LayerNormOp norm = LayerNormOp.of(node);
    if (in == null || norm.axis(layouts.size()) != layouts.size() - 1) {
      throw new NoExit(node, "normalises more than channels");
    }
    AxisLayout last = layouts.get(layouts.size() - 1);
    if (in.along() != null && !in.along().equals(last)) {
      throw new NoExit(node, "normalises more than channels");
    }
    double mean = centred ? Arrays.stream(in.numbers()).average().orElse(0) : 0;
    double power =
        Arrays.stream(in.numbers()).map(x -> (x - mean) * (x - mean)).average().orElse(0);
    double scale = 1 / Math.sqrt(power + norm.epsilon());
    Channels standard =
        new Channels(
            Arrays.stream(in.numbers()).map(x -> (x - mean) * scale).toArray(), in.along());
    Channels scaled = standard;
    if (node.optionalInput(1) != null) {
      scaled =
          combined(
              node, standard, channels(node, numbers(node, node.input(1)), last), (a, b) -> a * b);
    }
    if (centred && node.optionalInput(2) != null) {
      scaled =
          combined(node, scaled, channels(node, numbers(node, node.input(2)), last), Double::sum);
    }
    return scaled;
  }

  private static Channels batchNormalized(ExitRules rules, Node node, Map<Value, Channels> known)
      throws NoExit {
    Channels in = known.get(node.input(0));
    if (in == null || node.intAttribute("training_mode", 0) != 0) {
      throw new NoExit(node, "normalises over examples");
    }
    AxisLayout channels = rules.layouts(node, node.output(0)).get(1);
    double[] scale = rules.numbers(node, node.input(1));
    double[] shift = rules.numbers(node, node.input(2));
    double[] mean = rules.numbers(node, node.input(3));
    double[] variance = rules.numbers(node, node.input(4));
    float epsilon = node.floatAttribute("epsilon", 1e-5f);
    double[] factor = new double[scale.length];
    double[] offset = new double[scale.length];
    for (int i = 0; i < scale.length; i++) {
      factor[i] = scale[i] / Math.sqrt(variance[i] + epsilon);
      offset[i] = shift[i] - mean[i] * factor[i];
    }
    Channels scaled = combined(node, in, channels(node, factor, channels), (a, b) -> a * b);
    return combined(node, scaled, channels(node, offset, channels), Double::sum);
  }

  private static Channels combined(Node node, Channels a, Channels b, DoubleBinaryOperator operator)
      throws NoExit {
    Channels result = a.with(b, operator);
    if (result == null) {
      throw new NoExit(node, "what the branch adds differs from token to token");
    }
    return result;
  }

  /** A constant operand, of which at most one axis is more than a copy of the same. */
  private Channels constant(Node node, Value operand, Value result) throws NoExit {
    double[] numbers = numbers(node, operand);
    List<AxisLayout> layouts = layouts(node, result);
    long[] dims = Objects.requireNonNull(Stated.of(operand)).dims();
    AxisLayout along = null;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != 1) {
        if (along != null || dims.length > layouts.size()) {
          throw new NoExit(node, "what the branch adds differs from token to token");
        }
        along = layouts.get(layouts.size() - dims.length + i);
      }
    }
    return along == null ? Channels.all(numbers[0]) : channels(node, numbers, along);
  }

  double[] numbers(Node node, Value operand) throws NoExit {
    Tensor tensor = Stated.of(operand);
    if (tensor == null) {
      throw new NoExit(node, "what the branch adds depends on \"" + operand.name() + "\"");
    }
    return tensor.doubles();
  }

  private static Channels channels(Node node, double[] numbers, AxisLayout along) throws NoExit {
    if (!along.size().is(numbers.length)) {
      throw new NoExit(node, "what the branch adds differs from token to token");
    }
    return new Channels(numbers, along);
  }

  private List<AxisLayout> layouts(Node node, Value value) throws NoExit {
    List<AxisLayout> layouts = analysis.layout(value);
    if (layouts == null) {
      throw new NoExit(node, "its rank is not known");
    }
    return layouts;
  }

  /** The type of a value; null if it is not known. */
  @Nullable ElementType type(Value value) {
    return facts.type(value);
  }

  /** Which axis of a value the channels are. */
  private int axis(Node node, Value value, AxisLayout along) throws NoExit {
    List<AxisLayout> layouts = layouts(node, value);
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < layouts.size(); i++) {
      if (layouts.get(i).equals(along)) {
        found.add(i);
      }
    }
    if (found.size() != 1) {
      throw new NoExit(node, "the channels of what the branch adds are regrouped");
    }
    return found.get(0);
  }

  /** The constant with the extents that broadcast to a value's. */
  Tensor tensor(Node node, Value value, Channels constant) throws NoExit {
    ElementType type = facts.type(value);
    if (type == null || !type.isFloating()) {
      throw new NoExit(node, "what the branch adds is no floating number");
    }
    if (constant.along() == null) {
      return Tensor.ofDoubles(type, new long[0], constant.numbers());
    }
    int axis = axis(node, value, constant.along());
    long[] dims = new long[layouts(node, value).size() - axis];
    Arrays.fill(dims, 1);
    dims[0] = constant.numbers().length;
    return Tensor.ofDoubles(type, dims, constant.numbers());
  }
}
