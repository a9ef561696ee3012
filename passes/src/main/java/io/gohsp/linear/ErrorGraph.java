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
import io.gohsp.normalize.OneBatch;
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
 * A pruned model that measures by how much it is off behind one of its linear layers, or where a
 * branch was, and what the layer's inputs say about it. Rows are the tokens that count, of all
 * samples alike.
 *
 * <p>What is compared is the residual stream after the layer's output was added to it, where
 * nothing but biases and reshapes come in between; so a correction of the layer also makes up for
 * what earlier layers lost. Elsewhere it is the layer's own output.
 *
 * @param pruned takes {@link #target} as one more input, and {@link TokenMask#FED} if not all rows
 *     count, and returns rows, of many some ({@link SampledRows}):
 *     <ul>
 *       <li>{@link #inputs}: what the layer reads, FLOAT [rows, inputs]
 *       <li>{@link #errors}: target less what the pruned model has in its place, FLOAT [rows,
 *           outputs]
 *       <li>{@link #targets}: of the same rows, FLOAT [rows, outputs]
 *       <li>{@link #weights}: what the rows of the others are multiplied by, FLOAT [rows, 1]
 *           ({@link RowWeights}, by the target; 0 for those that do not count)
 *     </ul>
 *
 * @param compared the value that is compared, in both models
 * @param channelsSecond whether its channels are axis 1, not the last
 * @param outputs how many channels it has
 * @param target FLOAT [rows, outputs], what {@link #appendTarget} makes of the dense model's value
 */
public record ErrorGraph(
    Model pruned,
    String compared,
    boolean channelsSecond,
    int outputs,
    String target,
    String inputs,
    String errors,
    String targets,
    String weights) {

  /**
   * Builds it; the models stay as they are.
   *
   * @param layer of {@code pruned}, in its main graph
   * @param mask {@link TokenMask#input}; null if all tokens count
   * @param runs among how many runs the rows that are {@link SampledRows#enough} are spread
   * @throws ModelException.Unsupported if the dense model has no such value
   */
  public static ErrorGraph of(
      Model dense, Model pruned, Correctable layer, @Nullable String mask, int runs) {
    Model copy = ModelCopy.of(pruned).model();
    OneBatch.run(copy);
    Node node = producer(copy, layer.output().name());
    Correctable here = Correctable.of(node);
    ShapeFacts facts = ShapeInference.of(copy);
    Value compared = here.output();
    if (here instanceof LinearLayer linear) {
      LinearLayer before = LinearLayer.of(producer(dense, layer.output().name()));
      if (before.outputs() != here.outputs()) {
        throw StoredWeight.unsupported(node, "returns less than before the cut");
      }
      compared = compared(linear, facts, dense);
    } else if (!isAlong(here, facts)) {
      throw StoredWeight.unsupported(node, "adds to something else than channels");
    }
    producer(dense, compared.name());
    return measuring(copy, facts, here, compared, mask, runs);
  }

  private static ErrorGraph measuring(
      Model pruned,
      ShapeFacts facts,
      Correctable layer,
      Value compared,
      @Nullable String mask,
      int runs) {
    Graph graph = pruned.graph();
    GraphBuilder g = GraphBuilder.appendingTo(graph).in("gohsp/recover");
    Value target =
        graph.addInput(
            pruned.names().fresh("gohsp/recover/target"),
            new ValueType.TensorType(
                ElementType.FLOAT, List.of(Dim.of("gohsp_rows"), Dim.of(layer.outputs()))));
    Activation read = layer.read();
    Activation found = new Activation(compared, layer.outputs(), layer.channelsSecond());
    Value counts = new TokenRows(graph, facts, mask).of(g, read);
    SampledRows sampled = new SampledRows(g, target, SampledRows.enough(layer.inputs(), runs));
    counts = counts == null ? null : sampled.of(counts);
    Value wanted = sampled.of(target);
    Value y = sampled.of(rows(g, found, facts));
    boolean ofLayer = layer.hasWeight() && compared == layer.output();
    Value stream = ofLayer ? null : wanted;
    Value weights = RowWeights.of(g, stream, layer.outputs(), counts, wanted);
    Value inputs = g.as("x").mul(sampled.of(rows(g, read, facts)), weights);
    Value errors = g.as("e").mul(g.sub(wanted, y), weights);
    Value targets = g.as("t").mul(wanted, weights);
    List<Value> results = List.of(inputs, errors, targets, weights);
    graph.clearOutputs();
    results.forEach(graph::addOutput);
    RemoveUnused.run(pruned, Set.of());
    IrVerifier.verify(pruned);
    return new ErrorGraph(
        pruned,
        compared.name(),
        layer.channelsSecond(),
        layer.outputs(),
        target.name(),
        inputs.name(),
        errors.name(),
        targets.name(),
        weights.name());
  }

  /** Whether the numbers that are added are those of the channels of the sum. */
  private static boolean isAlong(Correctable left, ShapeFacts facts) {
    List<Size> shape = facts.shape(left.output());
    int axis = shape == null ? -1 : left.channelsSecond() ? 1 : shape.size() - 1;
    return shape != null
        && axis > 0
        && axis < shape.size()
        && shape.get(axis).equals(Size.of(left.outputs()));
  }

  /** Makes a copy of the dense model compute the target as well; not yet one of its outputs. */
  public Value appendTarget(Model dense) {
    Value expected =
        producer(dense, compared)
            .presentOutputs()
            .filter(value -> value.name().equals(compared))
            .findFirst()
            .orElseThrow();
    GraphBuilder g = GraphBuilder.appendingTo(dense.graph()).in("gohsp/recover");
    return rows(
        g.as("target"),
        new Activation(expected, outputs, channelsSecond),
        ShapeInference.of(dense));
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

  private static int rank(ShapeFacts facts, Value value) {
    List<Size> shape = facts.shape(value);
    if (shape == null) {
      throw new ModelException.Unsupported(
          value.producer().orElseThrow().location(),
          "returns something of unknown rank",
          "export the model with declared shapes");
    }
    return shape.size();
  }

  /** As FLOAT [rows, channels]. */
  static Value rows(GraphBuilder g, Activation of, ShapeFacts facts) {
    Value at = of.value();
    if (of.channelsSecond()) {
      long[] order =
          IntStream.concat(
                  IntStream.concat(IntStream.of(0), IntStream.range(2, rank(facts, at))),
                  IntStream.of(1))
              .asLongStream()
              .toArray();
      at = g.transpose(at, order);
    }
    at = g.reshape(at, -1, of.channels());
    return g.op("Cast", List.of(Attribute.of("to", (long) ElementType.FLOAT.code())), at);
  }

  /** The stream behind a layer, or what the layer returns. */
  static Value compared(LinearLayer layer, ShapeFacts facts, Model dense) {
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
