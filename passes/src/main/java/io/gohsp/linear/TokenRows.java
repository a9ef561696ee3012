package io.gohsp.linear;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
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
  private final TokenExtents tokens;
  private @Nullable Value fed;

  /**
   * @param facts of the graph
   * @param mask the name of its input that keeps tokens out; null if there is none
   */
  TokenRows(Graph graph, ShapeFacts facts, @Nullable String mask) {
    this.graph = graph;
    this.facts = facts;
    tokens = new TokenExtents(graph, facts, mask);
  }

  /**
   * @return [rows, 1] FLOAT; null if all rows count
   */
  @Nullable Value of(GraphBuilder g, Activation rows) {
    Order order = order(rows);
    if (order == null) {
      return null;
    }
    if (fed == null) {
      fed =
          graph.addInput(
              graph.model().names().fresh(TokenMask.FED),
              new ValueType.TensorType(
                  ElementType.FLOAT, List.of(Dim.of("gohsp_batch"), Dim.of("gohsp_tokens"))));
    }
    Value weights = order.batchFirst() ? fed : g.transpose(fed, 1, 0);
    return order.isNamed()
        ? g.as("weights").reshape(weights, -1, 1)
        : ifAsMany(g, g.reshape(weights, -1, 1), rows);
  }

  /** All rows count where run time finds another number of them, as where an axis of 1 is fed. */
  private static Value ifAsMany(GraphBuilder g, Value weights, Activation rows) {
    Value count = g.op("Div", g.op("Size", rows.value()), whole(g, rows.channels()));
    Value same = g.op("Equal", count, g.op("Size", weights));
    Value each = g.op("Range", whole(g, 0), count, whole(g, 1));
    Value which =
        g.mul(
            each, g.op("Cast", List.of(Attribute.of("to", (long) ElementType.INT64.code())), same));
    return g.as("weights").op("Where", same, g.op("Gather", weights, which), g.scalar(1));
  }

  private static Value whole(GraphBuilder g, long number) {
    return g.constant(
        "whole", Tensor.ofIntegers(ElementType.INT64, new long[0], new long[] {number}));
  }

  /** Whether it has a row for each token, as far as the graph tells. */
  boolean areTokens(Activation rows) {
    return order(rows) != null;
  }

  /**
   * How the tokens of samples lie in rows.
   *
   * @param batchFirst whether sample by sample, not token by token
   * @param isNamed whether rows and mask have one name for tokens
   */
  private record Order(boolean batchFirst, boolean isNamed) {}

  private @Nullable Order order(Activation rows) {
    return tokens.batch() == null || rows.channelsSecond()
        ? null
        : order(rows.value(), rows.channels());
  }

  /** Null if rows are something else. */
  private @Nullable Order order(Value input, int channels) {
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

  private @Nullable Order order(List<Size> shape) {
    if (shape.get(0).equals(tokens.batch()) && tokens.has(shape.get(1))) {
      return new Order(true, tokens.isOwn(shape.get(1)));
    }
    return tokens.has(shape.get(0)) && shape.get(1).equals(tokens.batch())
        ? new Order(false, tokens.isOwn(shape.get(0)))
        : null;
  }

  /** Of a matrix whose rows are both axes in one. */
  private @Nullable Order followed(Value matrix, Size rows) {
    Size each = rows.dividedBy(Objects.requireNonNull(tokens.batch()));
    if (each == null || !tokens.has(each)) {
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
      Order order = shape.size() > 2 ? order(shape) : null;
      if (order != null) {
        return order;
      }
    }
    return new Order(true, tokens.isOwn(each));
  }
}
