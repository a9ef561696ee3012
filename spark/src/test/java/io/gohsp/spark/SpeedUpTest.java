package io.gohsp.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.OperatingSystemMXBean;
import io.gohsp.workers.Workers;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What two executors with a thread each gain over one process with one thread. Both do the same in
 * turn. What counts is processor time, of the driver and of the executor that had more to do, as if
 * the one waited for the other: on a machine that does other things as well, the time that passes
 * says nothing. It is printed, too.
 */
@Tag("slow")
@ExtendWith(LocalCluster.class)
class SpeedUpTest {
  private static final int PAIRS = Integer.getInteger("pairs", 3);
  private static final double NANOS = 1e9;

  @TempDir Path directory;
  private Path model;

  @BeforeEach
  void create() {
    model = directory.resolve("dense.onnx");
    LocalCluster.run(
        null,
        "create",
        "vit-small",
        "-o",
        model,
        "--image",
        8,
        "--patch",
        1,
        "--channels",
        1,
        "--classes",
        10,
        "--dim",
        128,
        "--depth",
        4,
        "--heads",
        4);
  }

  @Test
  void statistics() {
    measure(
        "statistics",
        1.7,
        run ->
            new Object[] {
              "rank", model, "--data", "digits", "--samples", 1536, "--threads", 1, "--json"
            });
  }

  /**
   * A run, in seconds.
   *
   * @param own processor time of this process
   * @param other processor time of the executor that had more
   */
  private record Cost(double wall, double own, double other) {}

  private record Pair(Cost alone, Cost spark) {
    double gain() {
      return alone.wall() / spark.wall();
    }

    /** What it would be if nobody waited for a core, the driver and an executor in turn. */
    double computed() {
      return alone.own() / (spark.own() + spark.other());
    }

    @Override
    public String toString() {
      return "alone %.1f s (cpu %.1f), on two executors %.1f s (cpu driver %.1f, busiest executor %.1f): %.2f x, by processor time %.2f x"
          .formatted(
              alone.wall(),
              alone.own(),
              spark.wall(),
              spark.own(),
              spark.other(),
              gain(),
              computed());
    }
  }

  private void measure(String name, double target, IntFunction<Object[]> command) {
    double before = load();
    Set<Long> executors = LocalCluster.executors();
    // What only the first run in a process pays: libraries, just-in-time compilation.
    Cost first = cost(LocalCluster.workers(), executors, command.apply(-1));
    cost(null, executors, command.apply(-2));
    System.out.printf("%s: first run on fresh executors %.1f s%n", name, first.wall());
    List<Pair> pairs = new ArrayList<>();
    for (int run = 0; run < PAIRS; run++) {
      Cost alone = cost(null, executors, command.apply(2 * run));
      Cost spark = cost(LocalCluster.workers(), executors, command.apply(2 * run + 1));
      pairs.add(new Pair(alone, spark));
      System.out.println(name + ": " + pairs.get(run) + "; load " + load());
    }
    double computed = median(pairs, Pair::computed);
    System.out.printf(
        "%s: median %.2f x, by processor time %.2f x%n", name, median(pairs, Pair::gain), computed);
    assumeThat(before)
        .as("load before: caches that others use as well make the numbers vary by a third")
        .isLessThan(1);
    assertThat(computed).isGreaterThanOrEqualTo(target);
  }

  private static double median(List<Pair> pairs, ToDoubleFunction<Pair> of) {
    List<Double> sorted =
        pairs.stream().map(of::applyAsDouble).sorted(Comparator.naturalOrder()).toList();
    return sorted.get(sorted.size() / 2);
  }

  private static Cost cost(@Nullable Workers cluster, Set<Long> executors, Object... command) {
    OperatingSystemMXBean machine =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    List<Long> before = executors.stream().map(SpeedUpTest::processorTime).toList();
    long own = machine.getProcessCpuTime();
    long start = System.nanoTime();
    LocalCluster.Run run = LocalCluster.run(cluster, command);
    double wall = (System.nanoTime() - start) / NANOS;
    assertThat(run.exitCode()).as(run.err()).isZero();
    double most = 0;
    int next = 0;
    for (long executor : executors) {
      most = Math.max(most, (processorTime(executor) - before.get(next++)) / NANOS);
    }
    return new Cost(wall, (machine.getProcessCpuTime() - own) / NANOS, most);
  }

  private static long processorTime(long process) {
    return ProcessHandle.of(process)
        .flatMap(handle -> handle.info().totalCpuDuration())
        .map(Duration::toNanos)
        .orElseThrow();
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
