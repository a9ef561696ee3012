package io.gohsp.spark;

import io.gohsp.workers.LocalWorkers;
import io.gohsp.workers.SharedBytes;
import io.gohsp.workers.Task;
import io.gohsp.workers.Workers;
import io.gohsp.workers.WorkersException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/**
 * Executors of Apache Spark. Every task is a job of its own with one partition: the scheduler fills
 * the cores with as many as there is room for, repeats what a lost executor was doing, and ends a
 * task that keeps killing executors without ending others.
 */
public final class SparkWorkers implements Workers {
  /** Jobs that wait cost the driver a thread each, and nothing else. */
  private static final int AT_ONCE = 512;

  /**
   * Bytes that still travel with the task itself; more may be too much for a message of Spark's.
   */
  private static final int LARGE = 1 << 20;

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
      Map<Integer, String> executors = executors(tasks);
      List<Job<R>> jobs =
          tasks.stream()
              .map(task -> new Job<>(context, task, probe, seen, executors.get(task.place())))
              .toList();
      new LocalWorkers(AT_ONCE).each(jobs, listener);
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
    SortedSet<String> alive = new TreeSet<>();
    CollectionConverters.asJava(SparkEnv.get().blockManager().master().getMemoryStatus())
        .keySet()
        .forEach(
            executor -> {
              if (!executor.isDriver()) {
                alive.add("executor_" + executor.host() + "_" + executor.executorId());
              }
            });
    return places.assign(wanted, alive);
  }

  /** A job in the eyes of the driver, which waits for it; never sent. */
  private record Job<R extends Serializable>(
      JavaSparkContext context,
      Task<R> task,
      @Nullable Path probe,
      List<Path> seen,
      @Nullable String executor)
      implements Task<R> {
    @Override
    @SuppressWarnings("unchecked") // the result of that task
    public R run() {
      Envelope envelope = Envelope.of(task, probe, seen);
      context.sc().setJobDescription(task.toString());
      Envelope.Answer answer;
      Broadcast<Envelope> large = envelope.size() > LARGE ? context.broadcast(envelope) : null;
      try {
        answer = partition(large == null ? envelope : null).map(new Open(large)).collect().get(0);
      } catch (Exception e) { // Scala's exceptions are not declared
        if (e instanceof SparkException) {
          return task.lost(Losses.reason(e));
        }
        throw e;
      } finally {
        if (large != null) {
          large.destroy();
        }
      }
      if (answer.failure() instanceof RuntimeException failure) {
        throw failure;
      }
      if (answer.failure() instanceof Error failure) {
        throw failure;
      }
      return (R) Objects.requireNonNull(answer.result());
    }

    /** One partition with one task, where it is best done. */
    private JavaRDD<@Nullable Envelope> partition(@Nullable Envelope envelope) {
      return executor == null
          ? context.parallelize(Collections.singletonList(envelope), 1)
          : context
              .sc()
              .makeRDD(seq(new Tuple2<>(envelope, seq(executor))), ClassTag.apply(Envelope.class))
              .toJavaRDD();
    }

    private static <T> Seq<T> seq(T one) {
      return CollectionConverters.asScala(Collections.singletonList(one)).toSeq();
    }
  }

  /** Not a lambda: those are found by way of the class loader of whoever reads them. */
  private static final class Open implements Function<@Nullable Envelope, Envelope.Answer> {
    private static final long serialVersionUID = 1L;
    private final @Nullable Broadcast<Envelope> large;

    Open(@Nullable Broadcast<Envelope> large) {
      this.large = large;
    }

    @Override
    public Envelope.Answer call(@Nullable Envelope envelope) {
      return Objects.requireNonNull(large == null ? envelope : large.value()).open();
    }
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
