package io.gohsp.zero;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.axis.Factor;
import io.gohsp.fixture.FixtureNames;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import io.gohsp.vit.Block;
import io.gohsp.vit.Coordinates;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A fixture in whose weights units are overwritten with zeroes, or with zero points, as a masking
 * tool does.
 */
final class ZeroedModel {
  /** Operators through which a weight may be read. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "Identity",
          "Cast",
          "Transpose",
          "Reshape",
          "DequantizeLinear",
          "Concat",
          "Squeeze",
          "Unsqueeze",
          "Split");

  /** Which weights are overwritten. */
  enum Side {
    /** Those that compute the unit, with its bias. */
    PRODUCERS,
    /** Those that read it. */
    CONSUMERS,
    BOTH
  }

  final Model model;
  final ShapeFacts facts;
  final AxisAnalysis analysis;
  final List<Block> blocks;

  /** As the file has it. */
  private final Model original;

  private ZeroedModel(Model original) {
    this.original = original;
    WorkingModel working = WorkingModel.normalized(original);
    model = working.model();
    facts = working.facts();
    analysis = working.analysis();
    blocks = working.blocks();
  }

  static Path folder(String fixture) {
    return FixtureNames.ROOT.resolve(fixture);
  }

  static ZeroedModel of(String fixture) {
    return of(OnnxReader.read(folder(fixture).resolve("model.onnx")));
  }

  static ZeroedModel of(Model original) {
    return new ZeroedModel(original);
  }

  /** The original with what was overwritten; for models whose constants are not shared. */
  Model original() {
    Map<String, Tensor> contents = new HashMap<>();
    constants(model).forEach(value -> contents.put(value.name(), contents(value)));
    constants(original)
        .filter(value -> contents.containsKey(value.name()))
        .toList()
        .forEach(value -> set(value, Objects.requireNonNull(contents.get(value.name()))));
    return original;
  }

  /** Initializers and results of Constant nodes. */
  private static Stream<Value> constants(Model model) {
    return Stream.concat(
        Traversal.initializersWithin(model.graph()),
        Traversal.nodesWithin(model.graph())
            .filter(node -> node.is("Constant"))
            .map(Node::output)
            .filter(value -> ConstantValue.of(value) != null));
  }

  static Tensor contents(Value constant) {
    return Objects.requireNonNull(ConstantValue.of(constant));
  }

  DeadUnits dead() {
    return DeadUnits.of(new WorkingModel(model, facts, analysis, blocks, Map.of()));
  }

  /**
   * Overwrites units of a factor.
   *
   * @param rows for each combination of positions of {@code dependsOn} the units concerned
   */
  void zero(Factor factor, List<Factor> dependsOn, Map<Integer, Set<Integer>> rows, Side side) {
    for (Value weight : weights(factor)) {
      boolean consumer = isConsumer(weight, factor);
      if (side == Side.BOTH || consumer == (side == Side.CONSUMERS)) {
        overwrite(weight, factor, dependsOn, rows);
      }
    }
  }

  /**
   * Initializers with the factor that are a matrix or a bias, not a scale, a table or a zero point.
   */
  List<Value> weights(Factor factor) {
    return constants(model)
        .filter(value -> analysis.layout(value) != null)
        .filter(
            value -> layout(value).stream().flatMap(AxisLayout::factors).anyMatch(f -> f == factor))
        .filter(ZeroedModel::isWeight)
        .toList();
  }

  private List<AxisLayout> layout(Value value) {
    return Objects.requireNonNull(analysis.layout(value));
  }

  private static boolean isWeight(Value value) {
    return value.uses().stream().allMatch(use -> isWeight(use));
  }

  private static boolean isWeight(Use use) {
    return switch (use.node().op().type()) {
      case "QuantizeLinear", "Mul", "Div", "Sub" -> false;
      case "DequantizeLinear" -> use.index() == 0;
      case "MatMulInteger", "DynamicQuantizeMatMul" -> use.index() < 2 || use.index() == 4;
      case "QAttention" -> use.index() < 3;
      case "MatMulNBits" -> use.index() == 1 || use.index() == 5;
      case "MatMulIntegerToFloat" -> use.index() < 2 || use.index() == 6;
      default -> true;
    };
  }

  /** Whether a contraction over the factor reads the weight. */
  boolean isConsumer(Value weight, Factor factor) {
    Set<Node> readers = new HashSet<>();
    List<Value> frontier = new ArrayList<>(List.of(weight));
    while (!frontier.isEmpty()) {
      for (Use use : frontier.remove(frontier.size() - 1).uses()) {
        readers.add(use.node());
        if (WRAPPERS.contains(use.node().op().type())) {
          use.node().presentOutputs().filter(analysis::isConstant).forEach(frontier::add);
        }
      }
    }
    return analysis.contractions().stream()
        .filter(c -> c.kind() == Kind.WEIGHT && readers.contains(c.node()))
        .map(Contraction::reduced)
        .anyMatch(reduced -> reduced.factors().anyMatch(f -> f == factor));
  }

  private void overwrite(
      Value weight, Factor factor, List<Factor> dependsOn, Map<Integer, Set<Integer>> rows) {
    List<AxisLayout> axes = layout(weight);
    Tensor tensor = contents(weight);
    int size = (int) tensor.size();
    int[] own = coordinates(tensor, axes, factor, factor);
    int[] row = new int[size];
    for (Factor decider : dependsOn) {
      int[] at = coordinates(tensor, axes, decider, factor);
      for (int i = 0; i < size; i++) {
        row[i] = row[i] * decider.count() + Math.max(0, at[i]);
      }
    }
    byte[] zeroPoints = zeroPoints(weight, tensor);
    int width = tensor.type().bits() / 8;
    byte[] bytes = new byte[size * width];
    tensor.data().bytes().get(bytes);
    for (int i = 0; i < size; i++) {
      if (own[i] >= 0 && rows.getOrDefault(row[i], Set.of()).contains(own[i])) {
        for (int b = 0; b < width; b++) {
          bytes[i * width + b] =
              zeroPoints.length == 0 ? 0 : zeroPoints[zeroPoints.length == 1 ? 0 : i];
        }
      }
    }
    set(weight, bytes);
  }

  /** Replaces the contents of a constant. */
  static void set(Value weight, byte[] bytes) {
    Tensor tensor = contents(weight);
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    set(weight, new Tensor(tensor.type(), tensor.dims(), new TensorData.Heap(data)));
  }

  private static void set(Value weight, Tensor tensor) {
    if (weight.constant() != null) {
      weight.setConstant(tensor);
    } else {
      weight
          .producer()
          .orElseThrow()
          .setAttribute(new Attribute("value", new Attribute.TensorValue(tensor), null));
    }
  }

  /**
   * For each element of a tensor its coordinate in a factor; -1 where it has none. Of several axes
   * with the factor the one counts that has another factor, too: a stream may be made of heads.
   */
  private static int[] coordinates(
      Tensor tensor, List<AxisLayout> axes, Factor factor, Factor beside) {
    boolean together = axes.stream().anyMatch(axis -> has(axis, factor) && has(axis, beside));
    int[] all = new int[(int) tensor.size()];
    java.util.Arrays.fill(all, -1);
    int stride = 1;
    for (int axis = axes.size() - 1; axis >= 0; axis--) {
      int[] along = Coordinates.of(axes.get(axis), factor);
      for (int i = 0; i < all.length; i++) {
        int at = !together || has(axes.get(axis), beside) ? along[i / stride % along.length] : -1;
        all[i] = at >= 0 ? at : all[i];
      }
      stride *= along.length;
    }
    return all;
  }

  private static boolean has(AxisLayout axis, Factor factor) {
    return axis.factors().anyMatch(f -> f == factor);
  }

  /** The byte that stands for zero: none if it is 0, one, or one for each element. */
  private static byte[] zeroPoints(Value weight, Tensor tensor) {
    if (weight.uses().get(0).node().is(OpId.MICROSOFT, "MatMulNBits")) {
      return new byte[] {(byte) 0x88}; // two elements at the middle of their range, the default
    }
    Value operand = zeroPointOf(weight);
    Tensor constant = operand == null ? null : ConstantValue.of(operand);
    if (constant == null
        || (tensor.type() != ElementType.INT8 && tensor.type() != ElementType.UINT8)) {
      return new byte[0];
    }
    byte[] points = new byte[(int) constant.size()];
    constant.data().bytes().get(points);
    if (points.length == 1) {
      return points;
    }
    byte[] each = new byte[(int) tensor.size()];
    for (int i = 0; i < each.length; i++) {
      each[i] = points[i % points.length]; // one for each column
    }
    return each;
  }

  private static @Nullable Value zeroPointOf(Value weight) {
    Use use = weight.uses().get(0);
    return switch (use.node().op().type()) {
      case "DequantizeLinear" -> use.node().optionalInput(2);
      case "MatMulInteger", "DynamicQuantizeMatMul" -> use.node().optionalInput(3);
      case "MatMulIntegerToFloat" -> use.node().optionalInput(5);
      case "QAttention" -> use.node().optionalInput(7);
      default -> null;
    };
  }
}
