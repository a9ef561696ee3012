package io.gohsp.cli;

import io.gohsp.train.ValidationSums;
import io.gohsp.workers.SharedBytes;
import io.gohsp.workers.Task;
import java.util.List;

/**
 * What some shards of the validation samples come to, by a process's {@link ClusterReplicas#own}.
 *
 * @param arguments of the command {@code train}
 * @param weights that are validated
 * @param from the first shard
 * @param to behind the last
 */
record ValidationTask(List<String> arguments, SharedBytes weights, int from, int to)
    implements Task<ValidationSums> {
  @Override
  public ValidationSums run() {
    return ClusterReplicas.own(arguments).validation(weights.bytes(), from, to);
  }

  @Override
  public String toString() {
    return "validation, shards %d to %d".formatted(from + 1, to);
  }
}
