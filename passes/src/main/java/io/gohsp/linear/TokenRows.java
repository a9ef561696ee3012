package io.gohsp.linear;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a {@link TokenMask} as a column with one number for each row of a layer's inputs.
 * Where rows are not the tokens that the mask speaks of, a pooled vector for example, there is
 * none: all of them count.
 */
final class TokenRows {
  /** How far back the rows of a matrix are followed to where they had two axes. */
  private static final int FAR = 30;

  private final Graph graph;
  private final ShapeFacts facts;
  private final @Nullable Size batch;
  private final @Nullable Size tokens;
  private @Nullable Value fed;

  /**
   * @param facts of the graph
   * @param mask the name of its input that keeps tokens out; null if there is none
   */
  TokenRows(Graph graph, ShapeFacts facts, @Nullable String mask) {
    this.graph = graph;
    this.facts = facts;
    List<Size> shape =
        graph.inputs().stream()
            .filter(input -> input.name().equals(mask))
            .findFirst()
            .map(facts::shape)
            .orElse(null);
    boolean known = shape != null && shape.size() >= 2;
    batch = known ? shape.get(0) : null;
    tokens = known ? shape.get(shape.size() - 1) : null;
  }

  /**
   * @return [rows, 1] FLOAT; null if all rows count
   */
  @Nullable Value of(GraphBuilder g, Activation rows) {
    Boolean batchFirst =
        (batch == null || rows.channelsSecond()) ? null : order(rows.value(), rows.channels());
    if (batchFirst == null) {
      return null;
    }
    if (fed == null) {
      fed =
          graph.addInput(
              graph.model().names().fresh(TokenMask.FED),
              new ValueType.TensorType(
                  ElementType.FLOAT, List.of(Dim.of("gohsp_batch"), Dim.of("gohsp_tokens"))));
    }
    Value weights = batchFirst ? fed : g.transpose(fed, 1, 0);
    return g.as("weights").reshape(weights, -1, 1);
  }

  /** Whether rows are sample by sample, or token by token; null if they are something else. */
  private @Nullable Boolean order(Value input, int channels) {
    List<Size> shape = facts.shape(input);
    if (shape == null) {
      return null;
    }
    int rows = shape.size();
    Size width = Size.ONE;
    while (rows > 0 && !width.equals(Size.of(channels))) {
      width = width.times(shape.get(--rows));
    }
    return rows == 2 ? order(shape) : rows == 1 ? followed(input, shape.get(0)) : null;
  }

  private @Nullable Boolean order(List<Size> shape) {
    if (shape.get(0).equals(batch) && shape.get(1).equals(tokens)) {
      return true;
    }
    return (shape.get(0).equals(tokens) && shape.get(1).equals(batch)) ? false : null;
  }

  /** Of a matrix whose rows are both axes in one. */
  private @Nullable Boolean followed(Value matrix, Size rows) {
    if (!rows.equals(Objects.requireNonNull(batch).times(Objects.requireNonNull(tokens)))) {
      return null;
    }
    Value at = matrix;
    for (int i = 0; i < FAR; i++) {
      Node producer = at.producer().orElse(null);
      if (producer == null || producer.presentInputs().findFirst().isEmpty()) {
        break;
      }
      at = producer.presentInputs().findFirst().orElseThrow();
      List<Size> shape = facts.shape(at);
      if (shape == null) {
        break;
      }
      Boolean order = shape.size() > 2 ? order(shape) : null;
      if (order != null) {
        return order;
      }
    }
    return true;
  }
}
