package io.gohsp.spark;

import io.gohsp.cli.Main;
import io.gohsp.workers.Task;
import io.gohsp.workers.Workers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import scala.jdk.javaapi.CollectionConverters;

/** Two executors in processes of their own with a core each, the same for all tests. */
final class LocalCluster implements BeforeAllCallback, ExecutionCondition {
  private static final String HOME = "SPARK_HOME";

  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.master",
          "local-cluster[2,1,1024]",
          "spark.executor.extraClassPath",
          System.getProperty("java.class.path"),
          "spark.executor.extraJavaOptions",
          "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
          "spark.hadoop.fs.shelf.impl",
          ShelfFileSystem.class.getName(),
          "spark.ui.enabled",
          "false",
          "spark.task.maxFailures",
          "2");

  private static @Nullable JavaSparkContext context;

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext test) {
    return skipped(System.getenv(HOME), Setup.problem(LocalCluster.class.getClassLoader()));
  }

  /** Whether there is no Spark to test with, and why. */
  static ConditionEvaluationResult skipped(@Nullable String home, @Nullable String problem) {
    if (problem != null) {
      return ConditionEvaluationResult.disabled(problem);
    }
    return home == null
        ? ConditionEvaluationResult.disabled(
            HOME + " is not set, and executors are started from there; mvn -Pspark sets it")
        : ConditionEvaluationResult.enabled("Spark is there");
  }

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
    Path home = Path.of(System.getenv(HOME));
    try {
      // Executors are started from there; what they need is on the class path that follows.
      Files.createDirectories(home.resolve("jars"));
      Files.write(home.resolve("RELEASE"), new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SparkConf settings = new SparkConf();
    SETTINGS.forEach(settings::set);
    return new JavaSparkContext(SparkProgram.settings(settings));
  }

  /** A driver of its own, with an executor of its own, that may be killed. */
  static Process driver(Path log, Object... arguments) throws IOException {
    return driver(log, SparkMain.class, arguments);
  }

  /** Likewise, of another program. */
  static Process driver(Path log, Class<?> program, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    SETTINGS.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.add("-Dspark.master=local-cluster[1,1,1024]");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
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

  /**
   * Ends an executor with SIGKILL as soon as so many jobs have been described with a word.
   *
   * @param word that their description begins with
   */
  static void killOnceSaid(long executor, String word, int times) {
    await(word, times);
    ProcessHandle.of(executor).orElseThrow().destroyForcibly();
  }

  /** Waits until as many jobs have begun whose description begins with a word. */
  private static void await(String word, int times) {
    CountDownLatch begun = new CountDownLatch(times);
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart job) {
            if (String.valueOf(job.properties().getProperty("spark.job.description"))
                .startsWith(word)) {
              begun.countDown();
            }
          }
        };
    SparkContext spark = Objects.requireNonNull(context).sc();
    spark.addSparkListener(listener);
    try {
      if (!begun.await(5, TimeUnit.MINUTES)) {
        throw new IllegalStateException("not all jobs have begun in 5 minutes");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      spark.removeSparkListener(listener);
    }
  }

  /** Stages of as many tasks as are the next to begin, in the order in which they do. */
  static List<Integer> stages(int tasks, Runnable running) {
    List<Integer> stages = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch begun = new CountDownLatch(tasks);
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskStart(SparkListenerTaskStart task) {
            stages.add(task.stageId());
            begun.countDown();
          }
        };
    SparkContext spark = Objects.requireNonNull(context).sc();
    spark.addSparkListener(listener);
    try {
      running.run();
      if (!begun.await(5, TimeUnit.MINUTES)) {
        throw new IllegalStateException("not all tasks have begun in 5 minutes");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      spark.removeSparkListener(listener);
    }
    return List.copyOf(stages);
  }

  /** How many jobs so far have a description that begins with a word. */
  static int jobs(String word) {
    return (int)
        CollectionConverters.asJava(
                Objects.requireNonNull(context).sc().statusStore().jobsList(null))
            .stream()
            .filter(job -> job.description().getOrElse(() -> "").startsWith(word))
            .count();
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
