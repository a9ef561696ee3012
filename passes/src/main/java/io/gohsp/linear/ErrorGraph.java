package io.gohsp.linear;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two models that together measure by how much a pruned model is off behind one of its linear
 * layers, and what the layer's inputs say about it. Rows are tokens of all samples alike.
 *
 * <p>What is compared is the residual stream after the layer's output was added to it, where
 * nothing but biases and reshapes come in between; so a correction of the layer also makes up for
 * what earlier layers lost. Elsewhere it is the layer's own output.
 *
 * @param dense returns {@link #target}, [rows, outputs] FLOAT, and leaves out what comes after
 * @param pruned takes that as one more input and returns sums over its rows, each FLOAT: with x the
 *     inputs of the layer and e = target - what the pruned model has in its place,
 *     <ul>
 *       <li>{@link #gram}: xᵀx, [inputs, inputs]
 *       <li>{@link #cross}: xᵀe, [inputs, outputs]
 *       <li>{@link #inputSum}: [inputs]; {@link #errorSum} and {@link #targetSum}: [outputs]
 *       <li>{@link #errorSquares} and {@link #targetSquares}: [outputs]
 *     </ul>
 */
public record ErrorGraph(
    Model dense,
    Model pruned,
    String target,
    String gram,
    String cross,
    String inputSum,
    String errorSum,
    String errorSquares,
    String targetSum,
    String targetSquares) {

  /**
   * Builds both; the models stay as they are.
   *
   * @param layer of {@code pruned}, in its main graph
   * @throws ModelException.Unsupported if the dense model has no such value
   */
  public static ErrorGraph of(Model dense, Model pruned, LinearLayer layer) {
    Model copy = ModelCopy.of(pruned).model();
    ModelCopy reference = ModelCopy.of(dense);
    Node node = producer(copy, layer.output().name());
    LinearLayer here = LinearLayer.of(node);
    LinearLayer before = LinearLayer.of(producer(reference.model(), layer.output().name()));
    if (before.outputs() != here.outputs()) {
      throw StoredWeight.unsupported(node, "returns less than before the cut");
    }
    Value compared = compared(here, ShapeInference.of(copy), reference.model());
    Value expected =
        producer(reference.model(), compared.name())
            .presentOutputs()
            .filter(value -> value.name().equals(compared.name()))
            .findFirst()
            .orElseThrow();

    Graph graph = reference.model().graph();
    GraphBuilder g = GraphBuilder.appendingTo(graph).in("gohsp/recover");
    int rank = here.channelsSecond() ? rank(ShapeInference.of(reference.model()), expected) : 0;
    Value target = rows(g.as("target"), expected, rank, here.outputs());
    graph.clearOutputs();
    graph.addOutput(target);
    RemoveUnused.run(reference.model(), Set.of());
    IrVerifier.verify(reference.model());
    return measuring(reference.model(), target.name(), copy, here, compared);
  }

  private static ErrorGraph measuring(
      Model dense, String name, Model pruned, LinearLayer layer, Value compared) {
    Graph graph = pruned.graph();
    ShapeFacts facts = ShapeInference.of(pruned);
    int rank = layer.channelsSecond() ? rank(facts, compared) : 0;
    GraphBuilder g = GraphBuilder.appendingTo(graph).in("gohsp/recover");
    Value target =
        graph.addInput(
            pruned.names().fresh(name),
            new ValueType.TensorType(
                ElementType.FLOAT, List.of(Dim.of("gohsp_rows"), Dim.of(layer.outputs()))));
    Value x = rows(g.as("x"), layer.input(), rank, layer.inputs());
    Value error = g.sub(target, rows(g.as("y"), compared, rank, layer.outputs()));
    Value turned = g.transpose(x, 1, 0);
    List<Value> results =
        List.of(
            g.as("gram").op("MatMul", turned, x),
            g.as("cross").op("MatMul", turned, error),
            g.as("x_sum").reduceSum(x, false, 0),
            g.as("e_sum").reduceSum(error, false, 0),
            g.as("e_squares").reduceSum(g.mul(error, error), false, 0),
            g.as("t_sum").reduceSum(target, false, 0),
            g.as("t_squares").reduceSum(g.mul(target, target), false, 0));
    graph.clearOutputs();
    results.forEach(graph::addOutput);
    RemoveUnused.run(pruned, Set.of());
    IrVerifier.verify(pruned);
    List<String> names = results.stream().map(Value::name).toList();
    if (!target.name().equals(name)) {
      throw new IllegalStateException("the models have different names for " + name);
    }
    return new ErrorGraph(
        dense,
        pruned,
        name,
        names.get(0),
        names.get(1),
        names.get(2),
        names.get(3),
        names.get(4),
        names.get(5),
        names.get(6));
  }

  /** The node of the main graph that makes a value. */
  public static Node producer(Model model, String value) {
    return find(model, value)
        .orElseThrow(
            () ->
                new ModelException.Unsupported(
                    Location.of(model),
                    "has no value \"" + value + "\" in its main graph to compare",
                    "recover with the model that was pruned"));
  }

  private static Optional<Node> find(Model model, String value) {
    return model.graph().nodes().stream()
        .filter(node -> node.presentOutputs().anyMatch(out -> out.name().equals(value)))
        .findFirst();
  }

  static int rank(ShapeFacts facts, Value value) {
    List<Size> shape = facts.shape(value);
    if (shape == null) {
      throw new ModelException.Unsupported(
          value.producer().orElseThrow().location(),
          "returns something of unknown rank",
          "export the model with declared shapes");
    }
    return shape.size();
  }

  /**
   * As FLOAT [rows, channels].
   *
   * @param rank of a value whose channels are axis 1; 0 if they come last
   */
  static Value rows(GraphBuilder g, Value value, int rank, int channels) {
    Value at = value;
    if (rank > 0) {
      long[] order =
          IntStream.concat(
                  IntStream.concat(IntStream.of(0), IntStream.range(2, rank)), IntStream.of(1))
              .asLongStream()
              .toArray();
      at = g.transpose(at, order);
    }
    at = g.reshape(at, -1, channels);
    return g.op("Cast", List.of(Attribute.of("to", (long) ElementType.FLOAT.code())), at);
  }

  /** The stream behind a layer, or what the layer returns. */
  private static Value compared(LinearLayer layer, ShapeFacts facts, Model dense) {
    Value at = layer.output();
    while (at.uses().size() == 1 && !at.isGraphOutput()) {
      Use use = at.uses().get(0);
      Node node = use.node();
      if (node.graph() != layer.node().graph()) {
        break;
      }
      boolean addition = node.is("Add");
      boolean passes = node.is("Identity") || node.is("Cast");
      passes |= node.is("Reshape") && !layer.channelsSecond() && endsAlike(at, node, facts);
      boolean bias = addition && ConstantValue.of(node.input(1 - use.index())) != null;
      if (addition && !bias) {
        return sameShapes(node, facts) && find(dense, node.output().name()).isPresent()
            ? node.output()
            : layer.output();
      }
      if (!passes && !bias) {
        break;
      }
      at = node.output();
    }
    return layer.output();
  }

  /** Whether the last axis stays what it is. */
  private static boolean endsAlike(Value from, Node reshape, ShapeFacts facts) {
    Size before = last(facts.shape(from));
    return before != null && before.equals(last(facts.shape(reshape.output())));
  }

  private static @Nullable Size last(@Nullable List<Size> shape) {
    return shape == null || shape.isEmpty() ? null : shape.get(shape.size() - 1);
  }

  /** Whether nothing is broadcast. */
  private static boolean sameShapes(Node addition, ShapeFacts facts) {
    List<Size> shape = facts.shape(addition.output());
    return shape != null
        && addition.presentInputs().map(facts::shape).filter(Objects::nonNull).count() == 2
        && addition.presentInputs().allMatch(value -> shape.equals(facts.shape(value)));
  }
}
