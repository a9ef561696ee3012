package io.gohsp.cli;

/** Whether people are watching. */
final class Terminal {
  /**
   * Set by the launcher if stderr is a terminal. {@link System#console()} cannot say: it asks about
   * stdin and stdout, and since Java 22 it is there without any terminal.
   */
  private static final String PROPERTY = "gohsp.terminal";

  private Terminal() {}

  static boolean isStderr() {
    return Boolean.getBoolean(PROPERTY) && !"dumb".equals(System.getenv("TERM"));
  }

  /**
   * From now on nobody watches: several runs at once in this process would draw over each other.
   */
  static void drawNothing() {
    System.setProperty(PROPERTY, "false");
  }

  /** See no-color.org. */
  static boolean hasColor() {
    String forbidden = System.getenv("NO_COLOR");
    return forbidden == null || forbidden.isEmpty();
  }
}
