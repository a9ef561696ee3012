package io.gohsp.cli;

/** The command line asks for something that cannot be; found out only after it was parsed. */
final class UsageError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageError(String message) {
    super(message);
  }
}
