package io.gohsp.linear;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;

/** What a correction can change: {@code y = x W + b}, or what a branch has left. */
public sealed interface Correctable permits LinearLayer, LeftConstant {
  /**
   * Reads a node.
   *
   * @throws ModelException.Unsupported if it is neither
   */
  static Correctable of(Node node) {
    return node.is("Add") ? LeftConstant.of(node) : LinearLayer.of(node);
  }

  Value output();

  /** What it reads, x. */
  Activation read();

  int inputs();

  int outputs();

  /** Whether channels are axis 1, as convolutions have it. */
  boolean channelsSecond();

  /** Whether there is a weight that {@link #add} can change. */
  boolean hasWeight();

  /** Whether there is a bias that {@link #add} can change. */
  boolean hasBias();

  /**
   * Adds to weight and bias, rounded to the types they are stored in.
   *
   * @param weights [inputs, outputs] row by row; not read if there is no weight
   * @param biases [outputs]; not read if there is no bias
   */
  void add(double[] weights, double[] biases);
}
