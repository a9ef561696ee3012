package io.gohsp.cli;

import io.gohsp.data.CorruptSamples;
import io.gohsp.workers.Shards;
import io.gohsp.workers.Workers;
import io.gohsp.workers.WorkersException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/**
 * Sums over samples of which other processes compute a part: they are given the same command with
 * the shards that are theirs, and print the sums, a line each.
 */
final class ShardOptions {
  private static final String SHARDS = "--shards";

  /** How lines begin that are no sums, but a sample that was left out. */
  private static final String SKIPPED = "skipped ";

  /** What is for the process that started it, and not for those that compute a part. */
  private static final Set<String> OWN =
      Set.of("--json", "--quiet", "--verbose", "--save", "--picture");

  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = SHARDS,
      hidden = true,
      arity = "2",
      paramLabel = "FROM TO",
      description = "Print the sums over these shards, for a process on a cluster.")
  private int @Nullable [] range;

  /** See {@link ClusterOptions#elsewhere}. */
  @Nullable Integer elsewhere(CommandSpec spec) {
    return cluster.elsewhere(spec);
  }

  /** Whether this process computes a part, and prints that alone. */
  boolean isPart() {
    return range != null;
  }

  /** Computes and prints the part, and then which samples were left out. */
  int print(Shards.Summing summing, CommandSpec spec) {
    PrintWriter out = Printed.out(spec);
    int[] part = range == null ? new int[2] : range;
    summing.sums(part[0], part[1]).forEach(sums -> out.println(text(sums)));
    for (String sample : data(spec).skipped()) {
      byte[] line = sample.getBytes(StandardCharsets.UTF_8);
      out.println(SKIPPED + Base64.getEncoder().encodeToString(line));
    }
    out.flush();
    return ExitCodes.DONE;
  }

  private static DataOptions data(CommandSpec spec) {
    return Objects.requireNonNull(DataOptions.of(spec));
  }

  /**
   * Whoever computes the sums: executors of the cluster this runs on, or this process.
   *
   * @param samples how many there are
   */
  Shards shards(CommandSpec spec, int samples) {
    Workers workers = Main.cluster(spec);
    return workers == null ? Shards.HERE : (count, summing) -> sums(spec, workers, count, samples);
  }

  private static List<double[]> sums(CommandSpec spec, Workers workers, int count, int samples) {
    int parts = Math.max(1, Math.min(count, workers.slots()));
    List<CommandTask> tasks =
        IntStream.range(0, parts)
            .mapToObj(i -> task(spec, i * count / parts, (i + 1) * count / parts))
            .toList();
    List<double[]> sums = new ArrayList<>();
    Set<String> skipped = new TreeSet<>();
    for (CommandTask.Outcome outcome : workers.run(tasks, (i, ended) -> {})) {
      if (!outcome.isDone()) {
        throw new WorkersException("on an executor: " + outcome.reason());
      }
      for (String line : outcome.out().lines().toList()) {
        if (line.startsWith(SKIPPED)) {
          byte[] sample = Base64.getDecoder().decode(line.substring(SKIPPED.length()));
          skipped.add(new String(sample, StandardCharsets.UTF_8));
        } else {
          sums.add(numbers(line));
        }
      }
    }
    CorruptSamples.requireFew(skipped, samples);
    data(spec).skippedElsewhere(skipped);
    return sums;
  }

  private static CommandTask task(CommandSpec spec, int from, int to) {
    ParseResult given = spec.commandLine().getParseResult();
    List<String> arguments = new ArrayList<>();
    arguments.add(spec.name());
    arguments.addAll(GivenOptions.files(given));
    arguments.addAll(GivenOptions.of(given, OWN, /* anywhere= */ true));
    arguments.addAll(List.of("--quiet", SHARDS, Integer.toString(from), Integer.toString(to)));
    return new CommandTask(arguments);
  }

  /** Numbers to the bit. */
  static String text(double[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * numbers.length);
    bytes.asDoubleBuffer().put(numbers);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  static double[] numbers(String text) {
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
    double[] numbers = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(numbers);
    return numbers;
  }
}
