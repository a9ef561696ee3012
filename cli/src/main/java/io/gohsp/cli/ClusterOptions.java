package io.gohsp.cli;

import io.gohsp.workers.WorkersException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where a command runs, if not here. */
final class ClusterOptions {
  /** Names the cluster. */
  static final String MASTER = "--spark";

  private static final String CONF = "--spark-conf";

  @Option(
      names = MASTER,
      paramLabel = "MASTER",
      description =
          "Run on this Apache Spark cluster, such as spark://host:7077; SPARK_HOME says where Spark"
              + " is (docs/CLUSTER.md).")
  private @Nullable String master;

  @Option(
      names = CONF,
      paramLabel = "KEY=VALUE",
      description = "Settings of Spark, such as spark.executor.memory=4g.")
  private List<String> settings = new ArrayList<>();

  /**
   * Hands the command to {@code spark-submit}, if it is to run on a cluster, and waits for it.
   *
   * @return its exit code; null if the command is to run here
   * @throws UsageError if it is on a cluster already
   * @throws WorkersException if there is no Spark, or the part of gohsp that runs on it is missing
   */
  @Nullable Integer elsewhere(CommandSpec spec) {
    if (master == null) {
      if (!settings.isEmpty()) {
        throw new UsageError(
            CONF + " is for a cluster; name one (--spark MASTER), or leave it out");
      }
      return null;
    }
    if (Main.cluster(spec) != null) {
      throw new UsageError(
          MASTER
              + ": this runs on Spark already; leave it out, or use gohsp instead of spark-submit");
    }
    List<String> command = new ArrayList<>(Submission.command(master, settings));
    command.addAll(without(spec.root().commandLine().getParseResult().originalArgs()));
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new WorkersException(command.get(0) + " cannot be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkersException("interrupted while the command was running on Spark");
    }
  }

  /** Arguments but for the options above, in both forms that these may have. */
  static List<String> without(List<String> arguments) {
    List<String> others = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals(MASTER) || argument.equals(CONF)) {
        i++; // its value
      } else if (!argument.startsWith(MASTER + "=") && !argument.startsWith(CONF + "=")) {
        others.add(argument);
      }
    }
    return others;
  }
}
