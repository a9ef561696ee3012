package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Pick;
import io.gohsp.calibration.Spread;
import io.gohsp.workers.Task;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;

/**
 * The sums of one part of a command's samples. The process that adds them up makes the samples
 * ready once, as the command does, and keeps them for all sums that follow.
 *
 * @param arguments of that command
 * @param validating whether of its validation samples, not those it calibrates on
 * @param picks which of these
 * @param batch samples in a run
 */
record SumsTask(
    List<String> arguments,
    boolean validating,
    Spread.Sums sums,
    List<Pick> picks,
    int batch,
    int part,
    int parts)
    implements Task<SumsTask.Part> {
  private static final Map<List<String>, Calibrating.Seen> SAMPLES = new HashMap<>();

  /**
   * What a part comes to.
   *
   * @param sums doubles, big-endian
   * @param skipped names of samples that could not be read, with the reasons
   * @param samples how many there are in all parts; 0 if none was looked at
   */
  record Part(ArrayList<byte[]> sums, TreeSet<String> skipped, int samples)
      implements Serializable {
    /** The sums as numbers. */
    List<double[]> numbers() {
      List<double[]> all = new ArrayList<>();
      for (byte[] bytes : sums) {
        double[] numbers = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).asDoubleBuffer().get(numbers);
        all.add(numbers);
      }
      return all;
    }
  }

  @Override
  public Part run() {
    Calibrating.Seen seen = samples(arguments);
    Calibration all = validating ? seen.validation() : seen.calibration();
    ConcurrentSkipListSet<String> skipped = new ConcurrentSkipListSet<>();
    AtomicInteger count = new AtomicInteger();
    Calibration some =
        all.like(picks)
            .inBatchesOf(batch)
            .shownTo(
                samples -> {
                  count.set(samples.dataset().size());
                  return samples.telling(skipped::add);
                });
    ArrayList<byte[]> bytes = new ArrayList<>();
    sums.of(some, part, parts).forEach(numbers -> bytes.add(bytes(numbers)));
    return new Part(bytes, new TreeSet<>(skipped), count.get());
  }

  /** What a process knows of a part it needs again. */
  @Override
  public int place() {
    return part;
  }

  private static Calibrating.Seen samples(List<String> arguments) {
    synchronized (SAMPLES) {
      return SAMPLES.computeIfAbsent(arguments, SumsTask::open);
    }
  }

  private static Calibrating.Seen open(List<String> arguments) {
    CommandLine program = Main.commandLine();
    CommandLine.ParseResult parsed = program.parseArgs(arguments.toArray(String[]::new));
    return ((Calibrating) parsed.subcommand().commandSpec().userObject()).seen();
  }

  private static byte[] bytes(double[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Double.BYTES, numbers.length));
    bytes.asDoubleBuffer().put(numbers);
    return bytes.array();
  }

  @Override
  public String toString() {
    return "%s, part %d of %d of the samples".formatted(sums.name(), part + 1, parts);
  }
}
