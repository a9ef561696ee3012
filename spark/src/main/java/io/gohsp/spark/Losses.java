package io.gohsp.spark;

import io.gohsp.workers.WorkersException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is said of a job that Spark gave up. */
final class Losses {
  private static final Pattern EXIT = Pattern.compile("exited with code (\\d+)");
  private static final int KILLED = 137;

  /** What to do where executors have too little of it. */
  static final String MEMORY =
      "give executors more memory (spark.executor.memory for Java's heap,"
          + " spark.executor.memoryOverhead for what ONNX Runtime takes beside it) and fewer tasks"
          + " at once (spark.executor.cores)";

  /** What to do where the driver has too little of it. */
  static final String DRIVER_MEMORY =
      "give it more (spark.driver.memory, as in --spark-conf spark.driver.memory=8g); training"
          + " needs 9 times the weights as FLOAT and 100 MB";

  private Losses() {}

  /** Said by an executor that did not get what it needs; of other reasons Spark's log tells. */
  static WorkersException notReceived(int bytes, Exception e) {
    return new WorkersException(
        "the executor on %s could not take in %,d bytes, as a rule for lack of memory: %s; %s"
            .formatted(Envelope.host(), bytes, e.getMessage(), MEMORY));
  }

  /** Why, in a line. */
  static String reason(Throwable e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("TaskResultLost")) {
      return "a result was lost on its way to the driver again and again, as a rule because the"
          + " driver is out of memory; "
          + DRIVER_MEMORY;
    }
    if (!message.contains("ExecutorLostFailure")) {
      return "Spark gave it up: "
          + message.lines().findFirst().orElse("")
          + "; Spark's log says more";
    }
    Integer code = code(message);
    return "every executor that ran it was lost"
        + (code == null ? "" : ", the last with exit code " + code)
        + (code != null && code == KILLED ? " (killed, as for lack of memory)" : "")
        + "; "
        + MEMORY
        + ", or prune this model alone";
  }

  private static @Nullable Integer code(String message) {
    Matcher exit = EXIT.matcher(message);
    return exit.find() ? Integer.valueOf(exit.group(1)) : null;
  }
}
