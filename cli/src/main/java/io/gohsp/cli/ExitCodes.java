package io.gohsp.cli;

/** What the program returns to the shell. */
final class ExitCodes {
  static final int DONE = 0;

  /**
   * A bug, a file that cannot be written, or runs of a comparison or some of several models failed.
   */
  static final int UNEXPECTED = 1;

  /** The command line makes no sense. */
  static final int USAGE = 2;

  /** The pruned model does not compute what it must. */
  static final int NOT_EQUIVALENT = 3;

  /** A model or a plan is malformed or not supported, or the one does not fit the other. */
  static final int UNSUPPORTED = 4;

  /** Nothing can be pruned, or not as much as was asked for. */
  static final int NOTHING_TO_PRUNE = 5;

  /** Data cannot be used, or not with this model; or a file in a work directory is damaged. */
  static final int DATA = 6;

  private ExitCodes() {}
}
