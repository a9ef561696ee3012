package io.gohsp.spark;

import io.gohsp.workers.SharedBytes;
import io.gohsp.workers.Task;
import io.gohsp.workers.Workers;
import io.gohsp.workers.WorkersException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Executors of Apache Spark. Every task is a job of its own with one partition: the scheduler fills
 * the cores with as many as there is room for, repeats what a lost executor was doing, and ends a
 * task that keeps killing executors without ending others.
 */
public final class SparkWorkers implements Workers {
  private final JavaSparkContext context;
  private final Places places;
  private final @Nullable Path folder;
  private final List<Path> seen;

  /** Workers of a running context. */
  public SparkWorkers(JavaSparkContext context) {
    this(context, new Places(), null, List.of());
  }

  private SparkWorkers(
      JavaSparkContext context, Places places, @Nullable Path folder, List<Path> seen) {
    this.context = context;
    this.places = places;
    this.folder = folder;
    this.seen = seen;
  }

  @Override
  public int slots() {
    return context.defaultParallelism();
  }

  @Override
  public int processes() {
    return Math.max(1, alive().size()); // the driver does the tasks where there is no executor
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public Workers sharing(Path shared) {
    return new SparkWorkers(context, places, shared, seen);
  }

  @Override
  public Workers seeing(List<Path> files) {
    return new SparkWorkers(context, places, folder, List.copyOf(files));
  }

  @Override
  public SharedBytes share(byte[] bytes) {
    return new Broadcasted(context.broadcast(bytes), bytes.length);
  }

  private record Broadcasted(Broadcast<byte[]> broadcast, int size) implements SharedBytes {
    @Override
    public byte[] bytes() {
      try {
        return broadcast.value();
      } catch (Exception e) { // Scala's exceptions are not declared
        throw Losses.notReceived(size, e);
      }
    }

    @Override
    public void close() {
      broadcast.destroy();
    }
  }

  @Override
  public <R extends Serializable> void each(List<? extends Task<R>> tasks, Listener<R> listener) {
    Path probe = folder == null ? null : probe(folder);
    try {
      new Jobs<>(context, tasks, probe, seen, executors(tasks)).run(listener);
    } finally {
      delete(probe);
    }
  }

  /** By place whoever is to do its tasks. */
  private Map<Integer, String> executors(List<? extends Task<?>> tasks) {
    SortedSet<Integer> wanted =
        tasks.stream()
            .map(Task::place)
            .filter(place -> place >= 0)
            .collect(Collectors.toCollection(TreeSet::new));
    if (wanted.isEmpty()) {
      return Map.of();
    }
    return places.assign(wanted, alive());
  }

  /** All executors. */
  private static SortedSet<String> alive() {
    SortedSet<String> alive = new TreeSet<>();
    CollectionConverters.asJava(SparkEnv.get().blockManager().master().getMemoryStatus())
        .keySet()
        .forEach(
            executor -> {
              if (!executor.isDriver()) {
                alive.add("executor_" + executor.host() + "_" + executor.executorId());
              }
            });
    return alive;
  }

  private static Path probe(Path folder) {
    try {
      return Files.createTempFile(folder, ".gohsp-shared-", null);
    } catch (IOException e) {
      throw new WorkersException(folder + " cannot be written to: " + e.getMessage());
    }
  }

  private static void delete(@Nullable Path probe) {
    try {
      if (probe != null) {
        Files.deleteIfExists(probe);
      }
    } catch (IOException e) {
      // an empty hidden file stays
    }
  }
}
