package io.gohsp.linear;

import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeInference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A model that returns, for some of its linear layers, how their inputs vary together. Rows are
 * tokens of all samples alike.
 *
 * @param model returns nothing but the sums
 * @param layers where to find them, in the order asked for
 */
public record InputGraph(Model model, List<Sums> layers) {
  /**
   * Names of the outputs for a layer with inputs x.
   *
   * @param gram xᵀx, [inputs, inputs] FLOAT
   * @param inputSum [inputs] FLOAT
   * @param elements how many numbers x has, INT64
   */
  public record Sums(String gram, String inputSum, String elements) {}

  public InputGraph {
    layers = List.copyOf(layers);
  }

  /**
   * Builds it; the model stays as it is.
   *
   * @param layers of {@code model}, in its main graph
   */
  public static InputGraph of(Model model, List<LinearLayer> layers) {
    Model copy = ModelCopy.of(model).model();
    Graph graph = copy.graph();
    List<Value> results = new ArrayList<>();
    List<Sums> sums = new ArrayList<>();
    for (LinearLayer layer : layers) {
      Value input = ErrorGraph.producer(copy, layer.output().name()).input(0);
      int rank = layer.channelsSecond() ? ErrorGraph.rank(ShapeInference.of(copy), input) : 0;
      GraphBuilder g = GraphBuilder.appendingTo(graph).in("gohsp/inputs");
      Value x = ErrorGraph.rows(g.as("x"), input, rank, layer.inputs());
      Value gram = g.as("gram").op("MatMul", g.transpose(x, 1, 0), x);
      Value inputSum = g.as("x_sum").reduceSum(x, false, 0);
      Value elements = g.as("x_size").op("Size", x);
      results.addAll(List.of(gram, inputSum, elements));
      sums.add(new Sums(gram.name(), inputSum.name(), elements.name()));
    }
    graph.clearOutputs();
    results.forEach(graph::addOutput);
    RemoveUnused.run(copy, Set.of());
    IrVerifier.verify(copy);
    return new InputGraph(copy, sums);
  }
}
