package io.gohsp.rewrite;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.shape.SizeArithmetic;
import io.gohsp.shape.SymbolicTensor;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes, in front of a node, what computes extents that only run time knows, such as {@code
 * 2*batch}. What the graph computes anyway is used; any other symbol is read from the extents of a
 * value that has it.
 */
public final class RuntimeExtents {
  private final Node reader;
  private final ShapeFacts facts;
  private final GraphBuilder builder;

  /**
   * @param reader in front of which nodes are written
   * @param facts true of the graph as it will run
   */
  public RuntimeExtents(Node reader, ShapeFacts facts) {
    this.reader = reader;
    this.facts = facts;
    this.builder = GraphBuilder.before(reader).in(reader.op().type() + "_extent");
  }

  /**
   * An INT64 vector whose one element is the size.
   *
   * @throws ModelException.Unsupported if no value that is there before the reader has an extent
   *     that tells a symbol of it
   */
  public Value vectorOf(Size size) {
    Value result = size.compute(new Nodes());
    if (result == null) {
      throw new ModelException.Unsupported(
          reader.location(),
          "needs an extent of " + size + ", which only run time knows and no value before has",
          "export the model with a fixed batch size");
    }
    return result;
  }

  /** Every part is a vector of one element. */
  private final class Nodes implements SizeArithmetic<Value> {
    @Override
    public Value number(long value) {
      return builder.longs(value);
    }

    @Override
    public @Nullable Value known(Size part) {
      Value computed = computed(part);
      return computed != null ? computed : ofExtent(part);
    }

    @Override
    public Value combine(Operation operation, Value a, Value b) {
      return switch (operation) {
        case PLUS -> builder.add(a, b);
        case TIMES -> builder.mul(a, b);
        case FLOOR -> floored(a, b);
        case MOD -> builder.op("Mod", a, b);
        case MIN -> builder.op("Min", a, b);
        case MAX -> builder.op("Max", a, b);
      };
    }

    /** ONNX rounds quotients towards zero: {@code (a - mod(a, b)) / b} leaves nothing to round. */
    private Value floored(Value a, Value b) {
      return builder.div(builder.sub(a, builder.op("Mod", a, b)), b);
    }
  }

  /** A whole number of the graph's own arithmetic that is the size. */
  private @Nullable Value computed(Size size) {
    for (Value value : valuesBefore()) {
      SymbolicTensor data = facts.data(value);
      if (data != null
          && facts.type(value) == ElementType.INT64
          && data.rank() <= 1
          && data.elements().size() == 1
          && size.equals(data.element(0))) {
        return data.rank() == 1 ? value : builder.reshape(value, 1);
      }
    }
    return null;
  }

  private @Nullable Value ofExtent(Size size) {
    for (Value value : valuesBefore()) {
      List<Size> shape = facts.shape(value);
      int axis = shape == null ? -1 : shape.indexOf(size);
      if (axis >= 0) {
        Value index = builder.longs(axis);
        return builder.op(
            "Gather", List.of(Attribute.of("axis", 0L)), builder.op("Shape", value), index);
      }
    }
    return null;
  }

  /** The model's inputs, and what nodes of the reader's own graph compute before it. */
  private List<Value> valuesBefore() {
    Graph graph = reader.graph();
    List<Value> values = new ArrayList<>(graph.model().graph().inputs());
    for (Node node : graph.nodes()) {
      if (node == reader) {
        break;
      }
      node.presentOutputs().forEach(values::add);
    }
    return values;
  }
}
