package io.gohsp.linear;

import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model that returns, for some of its linear layers, how their inputs vary together. Rows are the
 * tokens that count, of all samples alike.
 *
 * @param model returns nothing but the sums; takes {@link TokenMask#FED} as one more input if not
 *     all rows count
 * @param layers where to find them, in the order asked for
 */
public record InputGraph(Model model, List<Sums> layers) {
  /**
   * Names of the outputs for a layer with inputs x.
   *
   * @param gram xᵀx, [inputs, inputs] FLOAT
   * @param inputSum [inputs] FLOAT
   * @param rows how many there are, INT64
   */
  public record Sums(String gram, String inputSum, String rows) {}

  public InputGraph {
    layers = List.copyOf(layers);
  }

  /**
   * Builds it; the model stays as it is.
   *
   * @param layers of {@code model}, in its main graph
   * @param mask {@link TokenMask#input}; null if all tokens count
   */
  public static InputGraph of(Model model, List<LinearLayer> layers, @Nullable String mask) {
    Model copy = ModelCopy.of(model).model();
    Graph graph = copy.graph();
    ShapeFacts facts = ShapeInference.of(copy);
    TokenRows tokens = new TokenRows(graph, facts, mask);
    List<Value> results = new ArrayList<>();
    List<Sums> sums = new ArrayList<>();
    for (LinearLayer layer : layers) {
      LinearLayer here = LinearLayer.of(ErrorGraph.producer(copy, layer.output().name()));
      Value input = here.input();
      int rank = layer.channelsSecond() ? ErrorGraph.rank(facts, input) : 0;
      GraphBuilder g = GraphBuilder.appendingTo(graph).in("gohsp/inputs");
      Value counts = tokens.of(g, here);
      Value rows = ErrorGraph.rows(g.as("x"), input, rank, layer.inputs());
      Value x = ErrorGraph.weighted(g, rows, counts);
      Value gram = g.as("gram").op("MatMul", g.transpose(x, 1, 0), x);
      Value inputSum = g.as("x_sum").reduceSum(x, false, 0);
      Value number = ErrorGraph.count(g.as("rows"), x, counts);
      results.addAll(List.of(gram, inputSum, number));
      sums.add(new Sums(gram.name(), inputSum.name(), number.name()));
    }
    graph.clearOutputs();
    results.forEach(graph::addOutput);
    RemoveUnused.run(copy, Set.of());
    IrVerifier.verify(copy);
    return new InputGraph(copy, sums);
  }
}
