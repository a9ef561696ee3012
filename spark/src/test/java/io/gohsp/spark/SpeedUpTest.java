package io.gohsp.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.OperatingSystemMXBean;
import io.gohsp.workers.Workers;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What two executors with a thread each gain over one process with one thread, on an idle machine
 * of two cores. Both do the same in turn, and each has done it once before: libraries are loaded
 * and code is compiled. What each process spent is printed too.
 */
@Tag("slow")
@ExtendWith(LocalCluster.class)
class SpeedUpTest {
  private static final int PAIRS = Integer.getInteger("pairs", 3);
  private static final double NANOS = 1e9;

  /** Of its time a process computes that much, unless others have the core. */
  private static final double IDLE = 0.93;

  @TempDir Path directory;
  private int works;

  /**
   * A vision transformer.
   *
   * @param patch edge of a patch of the pictures' eight: 1 makes 64 tokens, 2 makes 16
   */
  private Path model(int patch, int width, int depth, int heads) {
    Path model = directory.resolve("dense.onnx");
    Object[] create = {
      "create",
      "vit-small",
      "-o",
      model,
      "--image",
      8,
      "--patch",
      patch,
      "--channels",
      1,
      "--classes",
      10,
      "--dim",
      width,
      "--depth",
      depth,
      "--heads",
      heads
    };
    assertThat(LocalCluster.run(null, create).exitCode()).isZero();
    return model;
  }

  /** Sums over the samples that prune calibrates on, of a model as large as DeiT-Small. */
  @Test
  void statistics() {
    Path model = model(1, 384, 12, 6);
    measure(
        "statistics",
        1.7,
        new Object[] {
          "rank",
          model,
          "--data",
          "digits",
          "--samples",
          Integer.getInteger("samples", 512),
          "--threads",
          1,
          "-q"
        },
        null,
        null);
  }

  /**
   * Ten runs, as a comparison of a method with others has: four methods and the control, with two
   * seeds each.
   */
  @Test
  void grid() {
    Path model = model(2, 128, 4, 4);
    Object[] compare = grid(model, "gohsp,somp,random,taylor", Integer.getInteger("steps", 40));
    measure("grid", 1.8, compare, null, grid(model, "gohsp", 4));
  }

  private static Object[] grid(Path model, String methods, int steps) {
    return new Object[] {
      "compare",
      model,
      "--data",
      "digits",
      "--methods",
      methods,
      "--seeds",
      "0,1",
      "--keep-params",
      "0.6",
      "--steps",
      steps,
      "--no-latency",
      "--threads",
      1,
      "-q",
      "--work"
    };
  }

  /** Updates of a model as large as DeiT-Small: the difference between four of them and one. */
  @Test
  void training() {
    Path model = model(1, 384, 12, 6);
    int update = 4 * Integer.getInteger("batch", 64);
    measure("training", 1.6, train(model, 4 * update), train(model, update), train(model, update));
  }

  private Object[] train(Path model, int samples) {
    return new Object[] {
      "train",
      model,
      "-o",
      directory.resolve("trained.onnx"),
      "--data",
      "digits",
      "--epochs",
      1,
      "--epoch-size",
      samples,
      "--batch",
      Integer.getInteger("batch", 64),
      "--accumulate",
      4,
      "--keep",
      "last",
      "--threads",
      1,
      "-q"
    };
  }

  /**
   * A run, in seconds.
   *
   * @param own processor time of this process
   * @param others processor time of the executors
   */
  private record Cost(double wall, double own, List<Double> others) {
    Cost less(Cost other) {
      List<Double> rest = new ArrayList<>();
      for (int i = 0; i < others.size(); i++) {
        rest.add(others.get(i) - other.others().get(i));
      }
      return new Cost(wall - other.wall(), own - other.own(), rest);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.2f s (processor time of this process %.2f%s)",
          wall,
          own,
          others.stream()
              .map(s -> String.format(Locale.ROOT, ", executor %.2f", s))
              .collect(Collectors.joining()));
    }
  }

  private record Pair(Cost alone, Cost spark) {
    double gain() {
      return alone.wall() / spark.wall();
    }

    /**
     * Where the time on executors is, in seconds: half of what one process takes, what both spend
     * more than that, what the busier one has more than its half, and what is left while it waits
     * for the driver, for results, and for a core.
     */
    String spent() {
      double all = spark.others().stream().mapToDouble(s -> s).sum();
      double busiest = spark.others().stream().mapToDouble(s -> s).max().orElse(0);
      return String.format(
          Locale.ROOT,
          "%.1f s are half of %.1f, %+.1f more work, %+.1f unevenly shared, %+.1f waiting",
          spark.wall(),
          alone.own(),
          all / 2 - alone.own() / 2,
          busiest - all / 2,
          spark.wall() - busiest);
    }

    /** Whether nobody else had the core while it was needed. */
    boolean isIdle() {
      return alone.own() >= IDLE * alone.wall();
    }
  }

  /**
   * @param start what does not count: a shorter run of the same; null if all counts
   * @param warm what is done first, to load libraries and compile code; null for the same
   */
  private void measure(
      String name,
      double target,
      Object[] command,
      Object @Nullable [] start,
      Object @Nullable [] warm) {
    Set<Long> executors = LocalCluster.executors();
    Object[] first = warm == null ? command : warm;
    System.out.println(name + ": first, in fresh executors " + cost(true, executors, first));
    cost(false, executors, first);
    List<Pair> pairs = new ArrayList<>();
    for (int run = 0; run < PAIRS; run++) {
      Cost alone = cost(false, executors, command);
      Cost spark = cost(true, executors, command);
      pairs.add(
          start == null
              ? new Pair(alone, spark)
              : new Pair(
                  alone.less(cost(false, executors, start)),
                  spark.less(cost(true, executors, start))));
      System.out.printf(
          Locale.ROOT,
          "%s: alone %s, on two executors %s: %.2f x; %s%n",
          name,
          pairs.get(run).alone(),
          pairs.get(run).spark(),
          pairs.get(run).gain(),
          pairs.get(run).spent());
    }
    // Of an even number the lower one of the middle.
    double gain =
        pairs.stream()
            .map(Pair::gain)
            .sorted(Comparator.naturalOrder())
            .toList()
            .get((PAIRS - 1) / 2);
    System.out.printf(Locale.ROOT, "%s: median %.2f x%n", name, gain);
    assumeThat(pairs).as("the machine is idle").allMatch(Pair::isIdle);
    assertThat(gain).isGreaterThanOrEqualTo(target);
  }

  private Cost cost(boolean spread, Set<Long> executors, Object[] command) {
    Workers cluster = spread ? LocalCluster.workers() : null;
    Object[] whole =
        command[command.length - 1].equals("--work")
            ? Stream.concat(Arrays.stream(command), Stream.of(directory.resolve("work" + works++)))
                .toArray()
            : command;
    OperatingSystemMXBean machine =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    List<Double> before = executors.stream().map(SpeedUpTest::processorTime).toList();
    long own = machine.getProcessCpuTime();
    long start = System.nanoTime();
    LocalCluster.Run run = LocalCluster.run(cluster, whole);
    double wall = (System.nanoTime() - start) / NANOS;
    double spent = (machine.getProcessCpuTime() - own) / NANOS;
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<Double> others = new ArrayList<>();
    for (long executor : executors) {
      others.add(processorTime(executor) - before.get(others.size()));
    }
    return new Cost(wall, spent, spread ? others : List.of());
  }

  private static double processorTime(long process) {
    return ProcessHandle.of(process)
        .flatMap(handle -> handle.info().totalCpuDuration())
        .map(Duration::toNanos)
        .map(nanos -> nanos / NANOS)
        .orElseThrow();
  }
}
