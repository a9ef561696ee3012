package io.gohsp.gate;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.ir.Graph;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Switches positions off in a model without removing them: METHOD.md section 8, invariant 4. A gate
 * stands right before the contraction, or, where the operand cannot be multiplied (it is quantised,
 * or batch and heads share an axis of unknown extent), before the operators that lead there and
 * keep zeroes zero.
 */
public final class MaskGates {
  private static final Set<String> KEEP_ZEROES =
      Set.of(
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Identity",
          "Cast",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "Flatten",
          "Mul",
          "Div",
          "Slice",
          "Gather",
          "Split",
          "Expand",
          "Dropout");

  /** Their operands come as integers, each with a scale and a zero point right behind it. */
  private static final Set<String> QUANTIZED_READERS =
      Set.of("QLinearMatMul", "QLinearConv", "QGemm");

  private final AxisAnalysis analysis;
  private final ShapeFacts facts;
  private final Map<Value, Value> originals = new HashMap<>();

  /**
   * @param analysis of the model that gets the gates
   */
  public MaskGates(AxisAnalysis analysis, ShapeFacts facts) {
    this.analysis = analysis;
    this.facts = facts;
  }

  /**
   * Gates a contraction.
   *
   * @param keeps what stays on; factors of the contraction's operands
   * @throws ModelException.Unsupported if there is no place for a gate
   */
  public void insert(Contraction contraction, Keeps keeps) {
    Node node = contraction.node();
    for (Value gated : contraction.gates()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.optionalInput(i);
        if (input != null && original(input) == gated) {
          gate(node, i, keeps);
        }
      }
    }
  }

  /** Values that gates and copies made stand for a value of the analysis. */
  private Value original(Value value) {
    return originals.getOrDefault(value, value);
  }

  private void gate(Node reader, int input, Keeps keeps) {
    Value value = reader.input(input);
    List<AxisLayout> layouts = analysis.layout(original(value));
    ElementType type = facts.type(original(value));
    if (layouts != null && layouts.stream().noneMatch(keeps::touches)) {
      return;
    }
    if (layouts != null && keeps.isMaskable(layouts) && type != null && type.isFloating()) {
      multiply(reader, input, keeps.mask(layouts), type);
      return;
    }
    if (layouts != null && keeps.isMaskable(layouts) && isQuantizedOperand(reader, input)) {
      multiplyQuantized(reader, input, keeps.mask(layouts));
      return;
    }
    Node producer = value.producer().orElse(null);
    if (producer == null || !KEEP_ZEROES.contains(producer.op().type())) {
      throw new ModelException.Unsupported(
          reader.location(),
          "there is no place to switch off part of its operand \""
              + value.name()
              + "\" for verification",
          "prune other parts of this block, or export with a fixed batch size");
    }
    Node own =
        value.uses().size() == 1 && !value.isGraphOutput()
            ? producer
            : privateCopy(producer, value, reader, input);
    gate(own, 0, keeps);
  }

  /** Whether the reader knows scale and zero point of the operand, one of each. */
  private boolean isQuantizedOperand(Node reader, int input) {
    return QUANTIZED_READERS.contains(reader.op().type())
        && (input == 0 || input == 3)
        && isScalar(reader.input(input + 1))
        && facts.type(reader.input(input + 1)) == ElementType.FLOAT;
  }

  private boolean isScalar(Value value) {
    List<Size> shape = facts.shape(value);
    return shape != null && shape.stream().allMatch(size -> size.is(1));
  }

  /** On real numbers in between: what stays is the same integer again, zero is the zero point. */
  private void multiplyQuantized(Node reader, int input, Keeps.Mask mask) {
    Value value = reader.input(input);
    Value scale = scalar(reader, reader.input(input + 1));
    Value zero = scalar(reader, reader.input(input + 2));
    Graph graph = reader.graph();
    String name = value.name();
    Node real =
        graph.insertBefore(reader, OpId.of("DequantizeLinear"), name + "_real", value, scale, zero);
    String gateName = graph.model().names().fresh(name + "_mask");
    Value gate =
        graph.addInitializer(
            gateName, Tensor.ofFloats(ElementType.FLOAT, mask.dims(), mask.values()));
    Node product =
        graph.insertBefore(reader, OpId.of("Mul"), name + "_real_gated", real.output(), gate);
    Node integers =
        graph.insertBefore(
            reader, OpId.of("QuantizeLinear"), name + "_gated", product.output(), scale, zero);
    originals.put(integers.output(), original(value));
    reader.setInput(input, integers.output());
  }

  /** A parameter of one element may be written as a vector. */
  private Value scalar(Node reader, Value parameter) {
    if (Objects.requireNonNull(facts.shape(parameter)).isEmpty()) {
      return parameter;
    }
    Graph graph = reader.graph();
    String name = graph.model().names().fresh(parameter.name() + "_no_axes");
    Value noAxes = graph.addInitializer(name, Tensor.ofLongs(new long[0]));
    return graph
        .insertBefore(reader, OpId.of("Reshape"), parameter.name() + "_scalar", parameter, noAxes)
        .output();
  }

  /** A copy of the producer for this reader alone. */
  private Node privateCopy(Node producer, Value value, Node reader, int input) {
    Graph graph = producer.graph();
    List<@Nullable Value> outputs = new ArrayList<>();
    for (Value output : producer.outputs()) {
      Value copy =
          output == null
              ? null
              : graph.newValue(graph.model().names().fresh(output.name() + "_gated"));
      if (output != null && copy != null) {
        originals.put(copy, original(output));
      }
      outputs.add(copy);
    }
    Node copy =
        graph.insertBefore(
            producer, producer.op(), producer.name() + "_gated", producer.inputs(), outputs);
    producer.attributes().forEach(copy::setAttribute);
    reader.setInput(input, copy.output(producer.outputs().indexOf(value)));
    return copy;
  }

  private void multiply(Node reader, int input, Keeps.Mask mask, ElementType type) {
    Value value = reader.input(input);
    Graph graph = reader.graph();
    String name = graph.model().names().fresh(value.name() + "_mask");
    Value gate = graph.addInitializer(name, Tensor.ofFloats(type, mask.dims(), mask.values()));
    Node product = graph.insertBefore(reader, OpId.of("Mul"), value.name() + "_gated", value, gate);
    originals.put(product.output(), original(value));
    reader.setInput(input, product.output());
  }
}
