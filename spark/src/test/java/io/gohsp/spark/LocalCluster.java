package io.gohsp.spark;

import io.gohsp.cli.Main;
import io.gohsp.workers.Task;
import io.gohsp.workers.Workers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Two executors in processes of their own with a core each, the same for all tests. */
final class LocalCluster implements BeforeAllCallback {
  private static @Nullable JavaSparkContext context;

  /** Starts it before the first test; it ends after the last one of all classes. */
  @Override
  public void beforeAll(ExtensionContext test) {
    test.getRoot()
        .getStore(ExtensionContext.Namespace.create(LocalCluster.class))
        .getOrComputeIfAbsent("context", key -> open());
  }

  private static JavaSparkContext open() {
    JavaSparkContext started = start();
    context = started;
    return started;
  }

  private static JavaSparkContext start() {
    Path home = Path.of(System.getenv("SPARK_HOME"));
    try {
      // Executors are started from there; what they need is on the class path that follows.
      Files.createDirectories(home.resolve("jars"));
      Files.write(home.resolve("RELEASE"), new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SparkConf settings =
        new SparkConf()
            .setMaster("local-cluster[2,1,1024]")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .set("spark.ui.enabled", "false")
            .set("spark.task.maxFailures", "2");
    return new JavaSparkContext(SparkProgram.settings(settings));
  }

  static Workers workers() {
    return new SparkWorkers(Objects.requireNonNull(context));
  }

  /** Tells which process it ran in; takes a moment, so that each executor gets some. */
  private record WhoAmI(int number) implements Task<Long> {
    @Override
    public Long run() {
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return ProcessHandle.current().pid();
    }
  }

  /** The processes of both executors. */
  static Set<Long> executors() {
    Set<Long> pids = Set.of();
    while (pids.size() < 2) {
      pids =
          workers()
              .run(IntStream.range(0, 4).mapToObj(WhoAmI::new).toList(), (i, pid) -> {})
              .stream()
              .collect(Collectors.toSet());
    }
    return pids;
  }

  /** Ends an executor with SIGKILL as soon as both have a task. */
  static void killWhileBusy(long executor) {
    try {
      while (Objects.requireNonNull(context).statusTracker().getActiveJobIds().length < 2) {
        Thread.sleep(5);
      }
      Thread.sleep(300); // a task takes seconds in a process that has done nothing yet
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    ProcessHandle.of(executor).orElseThrow().destroyForcibly();
  }

  /** One run of the program. */
  record Run(int exitCode, String out, String err) {}

  /** Runs the program in this process, as driver or, without a cluster, alone. */
  static Run run(@Nullable Workers cluster, Object... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      int code =
          Main.run(cluster, Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
      return new Run(
          code, printed.toString(StandardCharsets.UTF_8), said.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
