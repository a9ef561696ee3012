package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Spread;
import io.gohsp.data.CorruptSamples;
import io.gohsp.workers.SharedBytes;
import io.gohsp.workers.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Executors that see a command's samples.
 *
 * @param arguments of the command, for them
 * @param data the command's, told of samples that executors leave out
 * @param validating whether its validation samples are meant, not those it calibrates on
 */
record ClusterSpread(Workers workers, List<String> arguments, DataOptions data, boolean validating)
    implements Spread {
  /** What is for the process that started it, and not for those that add up. */
  private static final Set<String> OWN =
      Set.of("--work", "--report", "--json", "--quiet", "--verbose");

  /** Those of the cluster that a command runs on; null if it runs on none. */
  static @Nullable Spread of(CommandSpec spec) {
    Workers workers = Main.cluster(spec);
    if (workers == null) {
      return null;
    }
    ParseResult given = spec.commandLine().getParseResult();
    List<String> arguments = new ArrayList<>();
    arguments.add(spec.name());
    arguments.addAll(GivenOptions.files(given));
    arguments.addAll(GivenOptions.of(given, OWN, /* anywhere= */ true));
    DataOptions data = Objects.requireNonNull(DataOptions.of(spec));
    return new ClusterSpread(workers, List.copyOf(arguments), data, false);
  }

  @Override
  public List<double[]> added(Sums sums, Calibration of, int parts) {
    List<double[]> total = new ArrayList<>();
    each(
        sums,
        of,
        parts,
        part -> {
          if (total.isEmpty()) {
            total.addAll(part);
          } else {
            for (int i = 0; i < part.size(); i++) {
              add(total.get(i), part.get(i));
            }
          }
        });
    return total;
  }

  private static void add(double[] to, double[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      to[i] += numbers[i];
    }
  }

  @Override
  public List<double[]> joined(Sums sums, Calibration of, int parts) {
    List<double[]> all = new ArrayList<>();
    each(sums, of, parts, all::addAll);
    return all;
  }

  /** Shows what parts come to in their order, and keeps none for longer than it has to. */
  private void each(Sums sums, Calibration of, int parts, Consumer<List<double[]>> consumer) {
    List<SumsTask> tasks =
        IntStream.range(0, parts)
            .mapToObj(
                part ->
                    new SumsTask(arguments, validating, sums, of.picks(), of.batch(), part, parts))
            .toList();
    Set<String> skipped = new TreeSet<>();
    workers.inOrder(tasks, part -> consumer.accept(numbers(part, skipped)));
  }

  /** Of a part; as many samples of all parts may be corrupt as of a process that sees them all. */
  private List<double[]> numbers(SumsTask.Part part, Set<String> skipped) {
    if (!part.skipped().isEmpty()) { // otherwise it may not have looked at any
      skipped.addAll(part.skipped());
      CorruptSamples.requireFew(skipped, part.samples());
    }
    data.skippedElsewhere(part.skipped());
    return part.numbers();
  }

  @Override
  public SharedBytes share(byte[] bytes) {
    return workers.share(bytes);
  }

  @Override
  public int slots() {
    return workers.slots();
  }

  @Override
  public Spread seeingValidation() {
    return new ClusterSpread(workers, arguments, data, true);
  }
}
