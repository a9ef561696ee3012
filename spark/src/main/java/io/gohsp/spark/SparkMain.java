package io.gohsp.spark;

import org.jspecify.annotations.Nullable;

/**
 * Entry of the program on Spark: {@code spark-submit ... gohsp-spark.jar COMMAND ...}. Looks first
 * whether everything is there, and only then at classes that need it.
 */
public final class SparkMain {
  private static final int UNEXPECTED = 1;

  private SparkMain() {}

  /** Runs a command as {@code gohsp} does; the executors do what it can do at once. */
  public static void main(String[] args) {
    String problem = Setup.problem(SparkMain.class.getClassLoader());
    System.exit(problem == null ? SparkProgram.run(args) : refused(problem));
  }

  private static int refused(@Nullable String problem) {
    System.err.println("gohsp: " + problem);
    return UNEXPECTED;
  }
}
