package io.gohsp.shape;

/** What one operator does to types, extents and small contents. Stateless. */
@FunctionalInterface
interface ShapeRule {
  /**
   * States through {@code facts} what is certain about the results.
   *
   * @throws io.gohsp.ir.ModelException.Malformed if the operands contradict each other
   */
  void infer(NodeFacts facts);
}
