package io.gohsp.linear;

import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.normalize.OneBatch;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model that returns rows of what some of its layers read. Rows are the tokens that count, of all
 * samples alike; of many some ({@link SampledRows}).
 *
 * @param model returns nothing else; takes {@link TokenMask#FED} as one more input if not all rows
 *     count
 * @param activations where to find them, in the order asked for
 */
public record InputGraph(Model model, List<Rows> activations) {
  /**
   * Names of the outputs for an activation.
   *
   * @param rows [rows, channels] FLOAT, multiplied by their weights
   * @param weights {@link RowWeights}, [rows, 1] FLOAT
   */
  public record Rows(String rows, String weights) implements Serializable {}

  public InputGraph {
    activations = List.copyOf(activations);
  }

  /**
   * Builds it; the model stays as it is.
   *
   * @param activations of {@code model}
   * @param mask {@link TokenMask#input}; null if all tokens count
   * @param runs among how many runs the rows that are {@link SampledRows#enough} are spread
   */
  public static InputGraph of(
      Model model, List<Activation> activations, @Nullable String mask, int runs) {
    Model copy = ModelCopy.of(model).model();
    OneBatch.run(copy);
    Graph graph = copy.graph();
    ShapeFacts facts = ShapeInference.of(copy);
    TokenRows tokens = new TokenRows(graph, facts, mask);
    Map<String, Value> values = new LinkedHashMap<>();
    graph.inputs().forEach(value -> values.put(value.name(), value));
    graph
        .nodes()
        .forEach(node -> node.presentOutputs().forEach(value -> values.put(value.name(), value)));
    List<Value> results = new ArrayList<>();
    List<Rows> names = new ArrayList<>();
    for (Activation measured : activations) {
      Activation here = in(values, measured);
      GraphBuilder g = GraphBuilder.appendingTo(graph).in("gohsp/inputs");
      Value counts = tokens.of(g, here);
      Value all = ErrorGraph.rows(g, here, facts);
      SampledRows sampled = new SampledRows(g, all, SampledRows.enough(measured.channels(), runs));
      counts = counts == null ? null : sampled.of(counts);
      Value some = sampled.of(all);
      Activation stream = measured.stream() == null ? null : in(values, measured.stream());
      Value weights =
          stream == null
              ? RowWeights.of(g, null, 0, counts, some)
              : RowWeights.of(
                  g,
                  sampled.of(ErrorGraph.rows(g, stream, facts)),
                  stream.channels(),
                  counts,
                  some);
      Value rows = g.as("x").mul(some, weights);
      results.addAll(List.of(rows, weights));
      names.add(new Rows(rows.name(), weights.name()));
    }
    graph.clearOutputs();
    results.forEach(graph::addOutput);
    RemoveUnused.run(copy, Set.of());
    IrVerifier.verify(copy);
    return new InputGraph(copy, names);
  }

  private static Activation in(Map<String, Value> values, Activation of) {
    Value value = values.get(of.value().name());
    if (value == null) {
      throw new IllegalArgumentException(of.value().name() + " is not in the main graph");
    }
    return new Activation(value, of.channels(), of.channelsSecond());
  }
}
