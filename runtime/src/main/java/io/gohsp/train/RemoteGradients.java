package io.gohsp.train;

import io.gohsp.data.CorruptSamples;
import io.gohsp.data.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gradients that others compute, those of an update at once; added up here in the order of the
 * batches as they come in, so that it makes no difference who computed which, and none waits here
 * longer than for those before it.
 */
final class RemoteGradients implements GradientSource {
  private final Replicas replicas;
  private final ParameterStore store;
  private final GradientAccumulator accumulator;
  private final Recipe recipe;
  private final CorruptSamples corrupt;
  private final int parts;
  private final int stepsPerEpoch;

  /** Added up already. */
  private final Deque<BatchGradient> fetched = new ArrayDeque<>();

  private Position next;
  private Position at;
  private @Nullable BatchGradient current;

  /**
   * @param accumulator adds up those of an update
   * @param samples in the training part
   * @param start where the first batch lies
   */
  RemoteGradients(
      Replicas replicas,
      ParameterStore store,
      GradientAccumulator accumulator,
      Recipe recipe,
      int samples,
      Position start,
      int parts,
      CorruptSamples corrupt) {
    this.replicas = replicas;
    this.store = store;
    this.accumulator = accumulator;
    this.recipe = recipe;
    this.corrupt = corrupt;
    this.parts = parts;
    stepsPerEpoch = recipe.samplesOf(samples) / recipe.batch();
    next = start;
    at = start;
  }

  @Override
  public boolean next() {
    if (fetched.isEmpty()) {
      fetch();
    }
    current = fetched.poll();
    if (current == null) {
      return false;
    }
    corrupt.addAll(current.corrupt(), 0);
    at = next;
    next = after(next);
    return true;
  }

  private void fetch() {
    List<Position> wanted = new ArrayList<>();
    Position position = next;
    while (wanted.size() < recipe.accumulate() && position.epoch() < recipe.stopAfter()) {
      wanted.add(position);
      position = after(position);
    }
    if (!wanted.isEmpty()) {
      byte[] weights = FloatBytes.of(store.weights().floats());
      replicas.gradients(weights, wanted, parts, this::add);
    }
  }

  private void add(BatchGradient gradient) {
    FloatBytes.put(gradient.gradients(), store.gradients().floats());
    fetched.add(gradient.withoutGradients());
    accumulator.add(1.0 / recipe.accumulate(), fetched.size() == recipe.accumulate());
  }

  private Position after(Position position) {
    return position.step() + 1 < stepsPerEpoch
        ? new Position(position.epoch(), position.step() + 1)
        : new Position(position.epoch() + 1, 0);
  }

  private BatchGradient current() {
    return Objects.requireNonNull(current);
  }

  @Override
  public int epoch() {
    return at.epoch();
  }

  @Override
  public boolean isLastOfEpoch() {
    return next.epoch() > at.epoch();
  }

  @Override
  public int size() {
    return current().size();
  }

  @Override
  public Position position() {
    return next;
  }

  @Override
  public Result backward(boolean last) {
    return new Result(current().loss(), current().correct(), current().counted());
  }

  @Override
  public void close() {}
}
