package io.gohsp.cli;

import io.gohsp.data.Position;
import io.gohsp.train.BatchGradient;
import io.gohsp.train.GradientWorkers;
import io.gohsp.train.Replica;
import io.gohsp.workers.SharedBytes;
import io.gohsp.workers.Task;
import io.gohsp.workers.Workers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * The gradients of one batch. The process that computes them makes the model ready once, as the
 * command {@code train} does, and keeps it for all batches that follow.
 *
 * @param arguments of that command
 * @param weights of the update
 * @param epoch of the batch
 * @param step of the batch within the epoch
 * @param parts runs that a batch takes
 */
record GradientTask(List<String> arguments, SharedBytes weights, int epoch, int step, int parts)
    implements Task<BatchGradient> {
  private static final Map<List<String>, Replica> REPLICAS = new HashMap<>();

  /** Others that compute the gradients of a command's batches. */
  static GradientWorkers on(Workers workers, List<String> arguments) {
    return (weights, batches, parts) -> {
      try (SharedBytes shared = workers.share(weights)) {
        return workers.run(
            batches.stream()
                .map(at -> new GradientTask(arguments, shared, at.epoch(), at.step(), parts))
                .toList(),
            (i, gradient) -> {});
      }
    };
  }

  @Override
  public BatchGradient run() {
    return replica(arguments).gradient(weights.bytes(), new Position(epoch, step), parts);
  }

  private static Replica replica(List<String> arguments) {
    synchronized (REPLICAS) {
      return REPLICAS.computeIfAbsent(arguments, GradientTask::open);
    }
  }

  private static Replica open(List<String> arguments) {
    CommandLine program = Main.commandLine();
    CommandLine.ParseResult parsed = program.parseArgs(arguments.toArray(String[]::new));
    return ((TrainCommand) parsed.subcommand().commandSpec().userObject()).replica();
  }

  @Override
  public String toString() {
    return "gradients of batch %d of epoch %d".formatted(step + 1, epoch + 1);
  }
}
