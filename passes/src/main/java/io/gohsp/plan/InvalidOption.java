package io.gohsp.plan;

import java.util.List;

/**
 * What a user asked for cannot be meant; the message says which option, what is wrong with it, and
 * what would do. Where several things are, it says each on a line of its own.
 */
public final class InvalidOption extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String[] details;

  public InvalidOption(String problem) {
    this(problem, List.of());
  }

  /**
   * @param problem what is wrong
   * @param details one line each
   */
  public InvalidOption(String problem, List<String> details) {
    super(details.isEmpty() ? problem : problem + "\n  " + String.join("\n  ", details));
    this.problem = problem;
    this.details = details.toArray(String[]::new);
  }

  /** The message without its details. */
  public String problem() {
    return problem;
  }

  public List<String> details() {
    return List.of(details);
  }
}
