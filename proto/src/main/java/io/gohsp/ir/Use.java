package io.gohsp.ir;

/**
 * One place where a value is read.
 *
 * @param node the reader
 * @param index which of its inputs
 */
public record Use(Node node, int index) {
  /** Makes this input read something else. */
  public void replaceWith(Value replacement) {
    node.setInput(index, replacement);
  }
}
