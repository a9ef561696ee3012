package io.gohsp.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.equivalence.Provenance;
import io.gohsp.workers.Task;
import io.gohsp.workers.WorkersException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Everything that may be wrong with a cluster has one message that says what to do. */
@ExtendWith(LocalCluster.class)
class SetupTest {
  private record Hello(String name) implements Task<String> {
    @Override
    public String run() {
      return "hello " + name;
    }
  }

  private static String failure(Envelope envelope) {
    return String.valueOf(envelope.open().failure());
  }

  @Test
  void anEnvelopeIsOpenedWhereEverythingIsAsOnTheDriver(@TempDir Path shared) throws Exception {
    Path probe = Files.createFile(shared.resolve("probe"));
    Path read = Files.createFile(shared.resolve("model.onnx"));
    Envelope good = Envelope.of(new Hello("you"), probe, List.of(read));

    assertThat(good.open().result()).isEqualTo("hello you");
    assertThat(failure(new Envelope("0.0.1", null, List.of(), good.task())))
        .contains(
            "has gohsp " + Provenance.version() + ", the driver has 0.0.1; give both the same");
    Files.delete(read);
    assertThat(failure(good)).contains("does not see the driver's " + read + "; models, data");
    Files.delete(probe);
    assertThat(failure(good))
        .contains(
            "does not see the driver's " + shared + "; models, data, --output and --work must");
    assertThat(failure(new Envelope(Provenance.version(), null, List.of(), new byte[3])))
        .contains("cannot read its task: ", "the same jars (--jars)");
  }

  private record Stream(Thread thread) implements Task<String> {
    @Override
    public String run() {
      return thread.getName();
    }
  }

  @Test
  void whatCannotBeSentIsSaidBeforeItIs() {
    assertThatThrownBy(() -> Envelope.of(new Stream(Thread.currentThread()), null, List.of()))
        .isInstanceOf(WorkersException.class)
        .hasMessageContaining("cannot be sent to an executor: ")
        .hasMessageContaining("java.lang.Thread");
  }

  @Test
  void aClassPathWithoutSparkOrTheProgramIsRefused() {
    assertThat(Setup.problem(ClassLoader.getPlatformClassLoader()))
        .startsWith(
            "Apache Spark is not on the class path; start it with spark-submit of Apache Spark 4.2");
    assertThat(Setup.problem(Setup.class.getClassLoader())).isNull();
    assertThat(Setup.problem(without("io.gohsp.cli.Main"))).contains("with --jars");
    assertThat(Setup.problem(without("io.gohsp.onnx.ModelProto")))
        .contains("userClassPathFirst=true");
    assertThat(Setup.problem(without("scala.util.Properties$")))
        .startsWith("this Spark is for Scala null, gohsp for Scala 2.13");
  }

  /** Of a process that is its own executor each class is there once. */
  @Test
  void executorsFindTheProgramsClassesFirst() {
    for (String master : List.of("spark://host:7077", "local-cluster[2,1,1024]", "local[2]")) {
      SparkConf given = new SparkConf(false).set("spark.master", master);
      given.set("spark.driver.userClassPathFirst", "true");
      assertThat(SparkProgram.settings(given).get("spark.executor.userClassPathFirst"))
          .as(master)
          .isEqualTo(master.equals("local[2]") ? "false" : "true");
    }
  }

  @Test
  void whatComesBackMayBeLargeUnlessItIsSaid() {
    String limit = "spark.driver.maxResultSize";
    assertThat(SparkProgram.settings(new SparkConf(false)).get(limit)).isEqualTo("0");
    assertThat(SparkProgram.settings(new SparkConf(false).set(limit, "2g")).get(limit))
        .isEqualTo("2g");
  }

  @Test
  void executorsAreCounted() {
    assertThat(LocalCluster.workers().processes()).isEqualTo(LocalCluster.executors().size());
  }

  @Test
  void anotherSparkOrScalaIsNamed() {
    assertThat(Setup.problem("3.5.1", "2.12.18"))
        .startsWith("this Spark is for Scala 2.12.18, gohsp for Scala 2.13; start it with");
    assertThat(Setup.problem("3.5.1", "2.13.8"))
        .startsWith("this is Spark 3.5.1, and gohsp needs Spark 4; start it with spark-submit of")
        .contains("Apache Spark 4.2 for Scala 2.13");
    assertThat(Setup.problem("4.2.0", "2.13.18")).isNull();
  }

  @Test
  void testsAreSkippedWithAReasonWhereSparkIsAbsent() {
    assertThat(LocalCluster.skipped(null, null).getReason())
        .hasValueSatisfying(reason -> assertThat(reason).startsWith("SPARK_HOME is not set"));
    assertThat(LocalCluster.skipped("spark", Setup.problem(null, null)).getReason())
        .hasValueSatisfying(reason -> assertThat(reason).startsWith("Apache Spark is not on the"));
    assertThat(LocalCluster.skipped("spark", null).isDisabled()).isFalse();
  }

  private record Greedy() implements Task<String> {
    @Override
    public String run() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void anExecutorWithoutMemorySaysWhereToGiveIt() {
    assertThat(Losses.notReceived(345_678, new IOException("no such block")))
        .hasMessageMatching(
            "the executor on .* could not take in 345,678 bytes, .*: no such block; .*")
        .hasMessageContaining("spark.executor.memory for Java's heap");
    assertThat(Envelope.of(new Greedy(), null, List.of()).open().failure())
        .isInstanceOf(WorkersException.class)
        .hasMessageMatching("the executor on .* is out of memory: Java heap space; give .*")
        .hasMessageContaining("spark.executor.memory for Java's heap");
  }

  /** This class path, but for one class. */
  private static ClassLoader without(String name) {
    return new ClassLoader(Setup.class.getClassLoader()) {
      @Override
      protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
        if (wanted.equals(name)) {
          throw new ClassNotFoundException(name);
        }
        return super.loadClass(wanted, resolve);
      }
    };
  }

  private record Dies(boolean really) implements Task<String> {
    @Override
    public String run() {
      if (really) {
        Runtime.getRuntime().halt(137);
      }
      return "lives";
    }

    @Override
    public String lost(String reason) {
      return reason;
    }
  }

  private record Throws() implements Task<String> {
    @Override
    public String run() {
      throw new IllegalArgumentException("no such thing");
    }
  }

  /** What Spark says of such a task. */
  @Test
  void whatWasKilledAgainAndAgainIsToldHowToLive() {
    String said =
        "Job aborted due to stage failure: Task 0 in stage 1.0 failed 2 times, most recent failure:"
            + " Lost task 0.1 in stage 1.0 (TID 3) (127.0.0.1 executor 0): ExecutorLostFailure"
            + " (executor 0 exited caused by one of the running tasks) Reason: Command exited with"
            + " code 137\nDriver stacktrace:";
    assertThat(Losses.reason(new IllegalStateException(said)))
        .startsWith("every executor that ran it was lost, the last with exit code 137 (killed, as")
        .contains("spark.executor.memory");
    assertThat(Losses.reason(new IllegalStateException("Job 3 cancelled\nmore")))
        .isEqualTo("Spark gave it up: Job 3 cancelled; Spark's log says more");
    assertThat(
            Losses.reason(
                new IllegalStateException(
                    "Job aborted due to stage failure: Task 0 in stage 3.0 failed 2 times, most recent failure: Lost task 0.1 in stage 3.0 (TID 8) (127.0.0.1 executor 0): TaskResultLost (result lost from block manager)")))
        .startsWith("a result was lost on its way to the driver again and again, as a rule")
        .contains("spark.driver.memory");
  }

  @Test
  @Tag("slow") // two more executors
  void aTaskThatKillsEveryExecutorEndsNoOther() {
    List<String> results =
        LocalCluster.workers().run(List.of(new Dies(true), new Dies(false)), (i, result) -> {});

    assertThat(results.get(0))
        .startsWith("every executor that ran it was lost, the last with exit code 137 (killed, as")
        .contains("spark.executor.memory");
    assertThat(results.get(1)).isEqualTo("lives");
  }

  private record Sum(List<Integer> numbers) implements Task<Long> {
    @Override
    public Long run() {
      return numbers.stream().mapToLong(number -> number).sum();
    }
  }

  @Test
  void aLargeTaskIsSentToo() {
    List<Integer> numbers = new ArrayList<>();
    IntStream.range(0, 300_000).forEach(numbers::add);

    assertThat(LocalCluster.workers().run(List.of(new Sum(numbers)), (i, result) -> {}))
        .containsExactly(299_999L * 150_000);
  }

  @Test
  void whatATaskThrowsIsThrownHereAtOnce() {
    assertThatThrownBy(() -> LocalCluster.workers().run(List.of(new Throws()), (i, result) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such thing");
  }

  /** Jobs, and so stages, are numbered as they are submitted; an executor takes the next one. */
  @Test
  void tasksBeginInTheirOrder() {
    List<Hello> tasks = IntStream.range(0, 40).mapToObj(i -> new Hello("" + i)).toList();
    List<String> greetings = new ArrayList<>();

    List<Integer> stages =
        LocalCluster.stages(
            tasks.size(),
            () -> greetings.addAll(LocalCluster.workers().run(tasks, (i, hello) -> {})));

    assertThat(stages).isSorted().doesNotHaveDuplicates();
    assertThat(greetings.get(39)).isEqualTo("hello 39");
  }
}
