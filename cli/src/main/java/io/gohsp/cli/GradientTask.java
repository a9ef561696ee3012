package io.gohsp.cli;

import io.gohsp.data.Position;
import io.gohsp.train.BatchGradient;
import io.gohsp.workers.SharedBytes;
import io.gohsp.workers.Task;
import java.util.List;

/**
 * The gradients of one batch, by a process's {@link ClusterReplicas#own}.
 *
 * @param arguments of the command {@code train}
 * @param weights of the update
 * @param epoch of the batch
 * @param step of the batch within the epoch
 * @param parts runs that a batch takes
 */
record GradientTask(List<String> arguments, SharedBytes weights, int epoch, int step, int parts)
    implements Task<BatchGradient> {
  @Override
  public BatchGradient run() {
    return ClusterReplicas.own(arguments)
        .gradient(weights.bytes(), new Position(epoch, step), parts);
  }

  @Override
  public String toString() {
    return "gradients of batch %d of epoch %d".formatted(step + 1, epoch + 1);
  }
}
