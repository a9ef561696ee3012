package io.gohsp.train;

import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.Position;
import io.gohsp.ir.Value;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gradients that this process computes, batch by batch. */
final class LocalGradients implements GradientSource {
  private final TrainableModel model;
  private final Batches batches;
  private final GradientAccumulator accumulator;
  private final int parts;
  private final int accumulate;
  private @Nullable Batch batch;

  /**
   * @param batches which end with this
   * @param accumulator adds up those of an update
   * @param parts runs that a batch takes
   * @param accumulate batches in an update
   */
  LocalGradients(
      TrainableModel model,
      Batches batches,
      GradientAccumulator accumulator,
      int parts,
      int accumulate) {
    this.model = model;
    this.batches = batches;
    this.accumulator = accumulator;
    this.parts = parts;
    this.accumulate = accumulate;
  }

  @Override
  public boolean next() {
    batch = batches.next();
    return batch != null;
  }

  private Batch current() {
    return Objects.requireNonNull(batch);
  }

  @Override
  public int epoch() {
    return current().position().epoch();
  }

  /** Where the batch itself lies. */
  Position at() {
    return current().position();
  }

  @Override
  public boolean isLastOfEpoch() {
    return current().isLastOfEpoch();
  }

  @Override
  public int size() {
    return current().size();
  }

  @Override
  public Position position() {
    return batches.position();
  }

  @Override
  public Result backward(boolean last) {
    // Where samples are missing, the mean of the parts would not be that of the batch.
    int count = size() == current().rows() ? parts : 1;
    List<Batch> all = count == 1 ? List.of(current()) : current().divided(count);
    double loss = 0;
    long correct = 0;
    long counted = 0;
    for (int part = 0; part < count; part++) {
      Batch some = all.get(part);
      TrainableModel.Outcome outcome = model.backward(some);
      loss += outcome.loss() / count;
      Value logits = model.objective().logits();
      if (logits != null && some.size() > 0 && some.label(0) >= 0) {
        ClassScores scores =
            ClassScores.of(
                Objects.requireNonNull(outcome.outputs().get(logits.name())), some.rows());
        for (int row = 0; row < some.size(); row++) {
          correct += scores.highest(row) == some.label(row) ? 1 : 0;
          counted++;
        }
      }
      accumulator.add(1.0 / count / accumulate, last && part == count - 1);
    }
    return new Result(loss, correct, counted);
  }

  @Override
  public void close() {
    batches.close();
  }
}
