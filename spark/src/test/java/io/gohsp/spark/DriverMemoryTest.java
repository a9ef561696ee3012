package io.gohsp.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.workers.Task;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.PrintStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A driver without memory says so and ends. */
@ExtendWith(LocalCluster.class)
class DriverMemoryTest {
  /** For which there is no room where it is read. */
  private static final class Huge implements Serializable {
    private static final long serialVersionUID = 1L;

    private void readObject(ObjectInputStream in) {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  private record Returns() implements Task<Huge> {
    @Override
    public Huge run() {
      return new Huge();
    }
  }

  /** A driver that cannot take in what an executor returns. */
  static final class Small {
    private Small() {}

    public static void main(String[] arguments) {
      DriverMemory.watch();
      try (JavaSparkContext context =
          new JavaSparkContext(SparkProgram.settings(new SparkConf()))) {
        new SparkWorkers(context).each(List.of(new Returns()), (i, huge) -> {});
      }
    }
  }

  /** The thread that runs out of it is Spark's: nobody waits for that one. */
  @Test
  void aThreadOfSparkThatHasNoneEndsTheDriver(@TempDir Path directory) throws Exception {
    Path log = directory.resolve("driver.log");
    Process driver = LocalCluster.driver(log, Small.class);
    boolean ended = driver.waitFor(2, TimeUnit.MINUTES);
    driver.destroyForcibly();

    String said = Files.readString(log);
    assertThat(ended).as(said).isTrue();
    assertThat(said)
        .contains("OutOfMemoryError: Java heap space")
        .containsPattern("\ngohsp: the driver is out of memory, with a heap of \\d+ MB; give it")
        .contains("spark.driver.memory");
    assertThat(driver.exitValue()).isEqualTo(1);
  }

  @Test
  void otherFailuresAreOthers() {
    List<Throwable> seen = new ArrayList<>();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
    Throwable failure = new IllegalStateException("no such thing");

    new DriverMemory((thread, e) -> seen.add(e), err)
        .uncaughtException(Thread.currentThread(), failure);
    assertThat(seen).containsExactly(failure);
    assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();

    new DriverMemory(null, err).uncaughtException(Thread.currentThread(), failure);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .startsWith("java.lang.IllegalStateException: no such thing");
  }
}
