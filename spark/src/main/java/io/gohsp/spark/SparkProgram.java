package io.gohsp.spark;

import io.gohsp.cli.Main;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** A run of the program with a context of Spark. */
final class SparkProgram {
  /** What the launcher sets for the program, and executors need as well. */
  private static final List<String> ENVIRONMENT =
      List.of("OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "ORT_DISABLE_TELEMETRY");

  private SparkProgram() {}

  /** Runs a command; returns its exit code. */
  static int run(String... args) {
    DriverMemory.watch();
    try (JavaSparkContext context = new JavaSparkContext(settings(new SparkConf()))) {
      return Main.run(new SparkWorkers(context), args);
    }
  }

  /** What executors need, unless something else was said. */
  static SparkConf settings(SparkConf given) {
    SparkConf settings = given.setIfMissing("spark.app.name", "gohsp");
    settings.setIfMissing("spark.log.level", "WARN");
    settings.setIfMissing(
        "spark.executor.userClassPathFirst",
        settings.get("spark.driver.userClassPathFirst", "false"));
    if (settings.get("spark.master", "").matches("local(\\[.*)?")) {
      // Executors are this process, in which each class is to be there once.
      settings.set("spark.executor.userClassPathFirst", "false");
    }
    for (String name : ENVIRONMENT) {
      String value = System.getenv(name);
      if (value != null) {
        settings.setIfMissing("spark.executorEnv." + name, value);
      }
    }
    // What is sent is weights, gradients and sums, which do not get smaller.
    settings.setIfMissing("spark.broadcast.compress", "false");
    // A result is in memory three times while it is taken in; with Spark's four threads for that,
    // four of them are.
    settings.setIfMissing("spark.resultGetter.threads", "1");
    // Second moments of all activations come back from a part at once, and of large models they are
    // more than Spark's limit of 1 GB; what the driver has to hold, docs/CLUSTER.md says.
    settings.setIfMissing("spark.driver.maxResultSize", "0");
    // Whoever kept something of a part is waited for: others would begin it again.
    settings.setIfMissing("spark.locality.wait", "10min");
    settings.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1");
    settings.setIfMissing("spark.executorEnv.ORT_DISABLE_TELEMETRY", "1");
    return settings;
  }
}
