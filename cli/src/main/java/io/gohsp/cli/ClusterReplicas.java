package io.gohsp.cli;

import io.gohsp.data.Position;
import io.gohsp.train.BatchGradient;
import io.gohsp.train.Replica;
import io.gohsp.train.Replicas;
import io.gohsp.train.ValidationSums;
import io.gohsp.workers.SharedBytes;
import io.gohsp.workers.Workers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import picocli.CommandLine;

/**
 * Executors that have a replica each. Each makes the model ready once, as the command {@code train}
 * does, and keeps it for everything that follows.
 *
 * @param arguments of that command, for them
 */
record ClusterReplicas(Workers workers, List<String> arguments) implements Replicas {
  private static final Map<List<String>, Replica> OWN = new HashMap<>();

  @Override
  public void gradients(
      byte[] weights, List<Position> batches, int parts, Consumer<BatchGradient> consumer) {
    try (SharedBytes shared = workers.share(weights)) {
      workers.inOrder(
          batches.stream()
              .map(at -> new GradientTask(arguments, shared, at.epoch(), at.step(), parts))
              .toList(),
          consumer);
    }
  }

  @Override
  public List<ValidationSums> validation(byte[] weights, int shards) {
    int parts = Math.min(shards, workers.slots());
    try (SharedBytes shared = workers.share(weights)) {
      return workers.run(
          IntStream.range(0, parts)
              .mapToObj(
                  i ->
                      new ValidationTask(
                          arguments, shared, i * shards / parts, (i + 1) * shards / parts))
              .toList(),
          (i, sums) -> {});
    }
  }

  /** The replica of this process. */
  static Replica own(List<String> arguments) {
    synchronized (OWN) {
      return OWN.computeIfAbsent(arguments, ClusterReplicas::open);
    }
  }

  private static Replica open(List<String> arguments) {
    CommandLine program = Main.commandLine();
    CommandLine.ParseResult parsed = program.parseArgs(arguments.toArray(String[]::new));
    return ((TrainCommand) parsed.subcommand().commandSpec().userObject()).replica();
  }
}
