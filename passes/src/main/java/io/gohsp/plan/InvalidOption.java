package io.gohsp.plan;

/**
 * What a user asked for cannot be meant; the message says which option, what is wrong with it, and
 * what would do.
 */
public final class InvalidOption extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidOption(String message) {
    super(message);
  }
}
