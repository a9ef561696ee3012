package io.gohsp.ir;

/**
 * A model is larger than what is analysed, which says nothing against it: {@link AtNode} makes it
 * an {@link ModelException.Unsupported} that names the node.
 */
public final class BeyondBounds extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param problem what there is too much of, as in "has an axis of more than 4096 parts"
   */
  public BeyondBounds(String problem) {
    super(problem);
  }
}
