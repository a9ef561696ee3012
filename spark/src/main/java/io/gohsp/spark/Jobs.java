package io.gohsp.spark;

import io.gohsp.workers.Task;
import io.gohsp.workers.Workers;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.spark.FutureAction;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.AsyncRDDActions;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.concurrent.ExecutionContext$;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.util.Try;

/**
 * Tasks as jobs of Spark, one each, in the eyes of the driver, which waits for them. They are
 * submitted in their order, and of jobs that wait Spark begins the earliest as soon as there is
 * room.
 */
final class Jobs<R extends Serializable> {
  /** Jobs that Spark knows of at once; more would wait in its queue instead of here. */
  private static final int AT_ONCE = 512;

  /**
   * Bytes that still travel with the task itself; more may be too much for a message of Spark's.
   */
  private static final int LARGE = 1 << 20;

  /** Where what is told of a job's end is done: it only puts it into a queue. */
  private static final ExecutionContext IMMEDIATELY =
      ExecutionContext$.MODULE$.fromExecutor(Runnable::run);

  private final JavaSparkContext context;
  private final List<? extends Task<R>> tasks;
  private final @Nullable Path probe;
  private final List<Path> seen;
  private final Map<Integer, String> executors;
  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
  private final Map<Integer, Job> running = new TreeMap<>();

  private record Ended(int index, Try<Seq<Envelope.Answer>> answers) {}

  /**
   * @param large the task, if it is too large to travel with the job
   */
  private record Job(FutureAction<?> action, @Nullable Broadcast<Envelope> large) {
    void close() {
      if (large != null) {
        large.destroy();
      }
    }
  }

  /**
   * @param probe a file that the driver has made where tasks write; null if they do not
   * @param seen what the driver sees and tasks read
   * @param executors by place whoever is to do its tasks
   */
  Jobs(
      JavaSparkContext context,
      List<? extends Task<R>> tasks,
      @Nullable Path probe,
      List<Path> seen,
      Map<Integer, String> executors) {
    this.context = context;
    this.tasks = tasks;
    this.probe = probe;
    this.seen = seen;
    this.executors = executors;
  }

  /** Has all done; those that are not when one of them fails are given up. */
  void run(Workers.Listener<R> listener) {
    try {
      int next = 0;
      for (int done = 0; done < tasks.size(); done++) {
        while (next < tasks.size() && next - done < AT_ONCE) {
          submit(next++);
        }
        tell(listener);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while tasks were running", e);
    } finally {
      context.sc().setJobDescription(null);
      running.values().forEach(job -> job.action().cancel());
      running.values().forEach(Job::close);
    }
  }

  private void submit(int index) {
    Task<R> task = tasks.get(index);
    Envelope envelope = Envelope.of(task, probe, seen);
    Broadcast<Envelope> large = envelope.size() > LARGE ? context.broadcast(envelope) : null;
    context.sc().setJobDescription(task.toString());
    JavaRDD<Envelope.Answer> answer =
        partition(large == null ? envelope : null, executors.get(task.place()))
            .map(new Open(large));
    FutureAction<Seq<Envelope.Answer>> action =
        new AsyncRDDActions<>(answer.rdd(), ClassTag.<Envelope.Answer>apply(Envelope.Answer.class))
            .collectAsync();
    running.put(index, new Job(action, large));
    action.onComplete(answers -> ended.add(new Ended(index, answers)), IMMEDIATELY);
  }

  /** Waits for one to end and tells; a method of its own, so that no result outlives it. */
  private void tell(Workers.Listener<R> listener) throws InterruptedException {
    Ended next = ended.take();
    Objects.requireNonNull(running.remove(next.index())).close();
    listener.done(next.index(), result(tasks.get(next.index()), next.answers()));
  }

  @SuppressWarnings("unchecked") // the result of that task
  private R result(Task<R> task, Try<Seq<Envelope.Answer>> answers) {
    if (answers.isFailure()) {
      Throwable failure = answers.failed().get();
      if (failure instanceof SparkException) {
        return task.lost(Losses.reason(failure));
      }
      throw thrown(failure);
    }
    Envelope.Answer answer = answers.get().apply(0);
    if (answer.failure() != null) {
      throw thrown(answer.failure());
    }
    return (R) Objects.requireNonNull(answer.result());
  }

  private static RuntimeException thrown(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException known
        ? known
        : new IllegalStateException(failure); // Scala's exceptions are not declared
  }

  /**
   * One partition with one task, where it is best done.
   *
   * @param executor null for any
   */
  private JavaRDD<@Nullable Envelope> partition(
      @Nullable Envelope envelope, @Nullable String executor) {
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
}
