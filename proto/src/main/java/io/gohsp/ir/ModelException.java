package io.gohsp.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Something is wrong with a model or with what was asked of it. The message says what, where, and
 * what to do.
 */
public abstract sealed class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A name or an attribute may be as long as the file. */
  private static final int LONGEST_PROBLEM = 600;

  private final transient Location location;
  private final String problem;

  ModelException(
      Location location, String problem, @Nullable String hint, @Nullable Throwable cause) {
    super(message(location, problem, hint), cause);
    this.location = location;
    this.problem = shortened(problem);
  }

  private static String message(Location location, String problem, @Nullable String hint) {
    String where = location.toString();
    return (where.isEmpty() ? "" : where + ": ")
        + shortened(problem)
        + (hint == null ? "" : " (" + hint + ")");
  }

  private static String shortened(String problem) {
    return problem.length() > LONGEST_PROBLEM
        ? problem.substring(0, LONGEST_PROBLEM) + "…"
        : problem;
  }

  public Location location() {
    return location;
  }

  /** What is wrong, without where and what to do. */
  public String problem() {
    return problem;
  }

  /** The file is not a valid model. */
  public static final class Malformed extends ModelException {
    private static final long serialVersionUID = 1L;

    public Malformed(Location location, String problem) {
      super(location, problem, null, null);
    }

    public Malformed(Location location, String problem, String hint) {
      super(location, problem, hint, null);
    }

    public Malformed(Location location, String problem, Throwable cause) {
      super(location, problem, null, cause);
    }
  }

  /** The model is valid, but uses operators that this program has no rule for. */
  public static final class Unsupported extends ModelException {
    private static final long serialVersionUID = 1L;

    public Unsupported(Location location, String problem, String hint) {
      super(location, problem, hint, null);
    }

    /** All operators that lack a rule, at once, each with how many nodes of it there are. */
    public Unsupported(String rule, List<Node> nodes) {
      super(nodes.get(0).location(), missing(rule, nodes), null, null);
    }

    /** The same with what to do. */
    public Unsupported(String rule, List<Node> nodes, String hint) {
      super(nodes.get(0).location(), missing(rule, nodes), hint, null);
    }

    private static String missing(String rule, List<Node> nodes) {
      Map<OpId, Integer> counts = new LinkedHashMap<>();
      nodes.forEach(node -> counts.merge(node.op(), 1, Integer::sum));
      List<String> operators = new ArrayList<>();
      counts.forEach(
          (op, count) -> operators.add(count == 1 ? op.toString() : op + " (" + count + " nodes)"));
      return "no " + rule + " for " + String.join(", ", operators);
    }
  }

  /** A plan does not fit the model it is applied to. */
  public static final class BadPlan extends ModelException {
    private static final long serialVersionUID = 1L;

    public BadPlan(Location location, String problem, @Nullable String hint) {
      super(location, problem, hint, null);
    }
  }

  /** Nothing can be pruned, or not as much as was asked for. */
  public static final class NothingToPrune extends ModelException {
    private static final long serialVersionUID = 1L;

    private final @Nullable Long least;

    public NothingToPrune(Location location, String problem, @Nullable String hint) {
      super(location, problem, hint, null);
      this.least = null;
    }

    /**
     * A budget that is too small.
     *
     * @param least the smallest that could be met
     */
    public NothingToPrune(Location location, String problem, String hint, long least) {
      super(location, problem, hint, null);
      this.least = least;
    }

    /** The smallest budget that could be met; empty if it is not a budget that is in the way. */
    public OptionalLong least() {
      return least == null ? OptionalLong.empty() : OptionalLong.of(least);
    }
  }

  /** A pass broke: a bug of ours, reported with the pass that was running. */
  public static final class PassFailed extends ModelException {
    private static final long serialVersionUID = 1L;

    public PassFailed(Location location, String problem, @Nullable Throwable cause) {
      super(location, problem, null, cause);
    }
  }

  /** ONNX Runtime refused or failed to run a model. */
  public static final class ExecutionFailed extends ModelException {
    private static final long serialVersionUID = 1L;

    public ExecutionFailed(Location location, String problem, @Nullable Throwable cause) {
      super(location, problem, null, cause);
    }
  }
}
