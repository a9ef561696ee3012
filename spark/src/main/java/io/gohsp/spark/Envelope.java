package io.gohsp.spark;

import io.gohsp.equivalence.Provenance;
import io.gohsp.workers.LocalWorkers;
import io.gohsp.workers.Task;
import io.gohsp.workers.WorkersException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task on its way to an executor. It is opened there only if the program is the same and files
 * are where the driver has them: what went wrong otherwise would be hard to read.
 */
final class Envelope implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String version;
  private final @Nullable String probe;
  private final List<String> seen;
  private final byte[] task;

  /**
   * @param version of gohsp that the driver is
   * @param probe a file that the driver has made where tasks write; null if they do not
   * @param seen what the driver sees and tasks read, absolute
   * @param task as bytes
   */
  Envelope(String version, @Nullable String probe, List<String> seen, byte[] task) {
    this.version = version;
    this.probe = probe;
    this.seen = new ArrayList<>(seen);
    this.task = task.clone();
  }

  /** What comes back: a result, or what was thrown in its place. */
  record Answer(@Nullable Serializable result, @Nullable Throwable failure)
      implements Serializable {}

  /**
   * Seals a task.
   *
   * @throws WorkersException if it holds something that cannot be sent
   */
  static Envelope of(Task<?> task, @Nullable Path probe, List<Path> seen) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(task);
    } catch (IOException e) {
      throw new WorkersException(
          "a task cannot be sent to an executor: %s; this is a defect of gohsp, please report it"
              .formatted(e));
    }
    return new Envelope(
        Provenance.version(),
        probe == null ? null : probe.toAbsolutePath().toString(),
        seen.stream().map(file -> file.toAbsolutePath().toString()).toList(),
        bytes.toByteArray());
  }

  /** Bytes of the task. */
  int size() {
    return task.length;
  }

  /** The task as bytes. */
  byte[] task() {
    return task.clone();
  }

  /**
   * Does the task, on the executor. What it throws is an answer too: doing it again would not help,
   * and Spark would.
   */
  Answer open() {
    try {
      requireSame();
      return new Answer(
          new LocalWorkers(1).run(List.of(unsealed()), (i, result) -> {}).get(0), null);
    } catch (OutOfMemoryError e) {
      return new Answer(
          null,
          new WorkersException(
              "the executor on %s is out of memory: %s; %s"
                  .formatted(host(), e.getMessage(), Losses.MEMORY)));
    } catch (RuntimeException | LinkageError e) {
      return new Answer(null, sendable(e));
    }
  }

  private void requireSame() {
    String own = Provenance.version();
    if (!own.equals(version)) {
      throw new WorkersException(
          "the executor on %s has gohsp %s, the driver has %s; give both the same jars (--jars), and leave none in Spark's jars/ or extraClassPath"
              .formatted(host(), own, version));
    }
    if (probe != null) {
      requireSeen(Path.of(probe), Path.of(probe).getParent());
    }
    seen.forEach(file -> requireSeen(Path.of(file), Path.of(file)));
  }

  private static void requireSeen(Path file, @Nullable Path what) {
    if (!Files.exists(file)) {
      throw new WorkersException(
          "the executor on %s does not see the driver's %s; models, data, --output and --work must be on storage that all machines share, under the same path"
              .formatted(host(), what));
    }
  }

  @SuppressWarnings("unchecked") // what was sealed is a task
  private Task<Serializable> unsealed() {
    try (ObjectInputStream in = new Unsealing(task)) {
      return (Task<Serializable>) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new WorkersException(
          "the executor on %s cannot read its task: %s; give driver and executors the same jars (--jars)"
              .formatted(host(), e));
    }
  }

  /** Finds classes where this one is from, and not where {@link ObjectInputStream} is. */
  private static final class Unsealing extends ObjectInputStream {
    Unsealing(byte[] bytes) throws IOException {
      super(new ByteArrayInputStream(bytes));
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(description.getName(), false, Envelope.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        return super.resolveClass(description);
      }
    }
  }

  /** The same if it can be sent back; else what it says. */
  private static Throwable sendable(Throwable e) {
    try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
      out.writeObject(e);
      return e;
    } catch (IOException unsendable) {
      return new IllegalStateException(e.toString());
    }
  }

  /** The machine that this is. */
  static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a machine without a name";
    }
  }
}
