package io.gohsp.workers;

/** Workers cannot do what they are asked to: they are lost, or not set up for it. */
public final class WorkersException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong, and what to do about it
   */
  public WorkersException(String message) {
    super(message);
  }
}
