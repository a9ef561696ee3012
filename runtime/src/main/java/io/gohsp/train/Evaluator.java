package io.gohsp.train;

import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.CorruptSamples;
import io.gohsp.data.LastBatch;
import io.gohsp.data.Samples;
import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Value;
import io.gohsp.ort.HostTensor;
import java.util.Map;
import java.util.Objects;

/** Measures a model in training on samples of their own. */
final class Evaluator {
  private final TrainableModel model;
  private final Samples samples;
  private final int batch;
  private final CorruptSamples corrupt;

  Evaluator(TrainableModel model, Samples samples, int batch) {
    this.model = model;
    this.samples = samples;
    this.batch = batch;
    this.corrupt = new CorruptSamples(samples.dataset());
  }

  /** The samples that were left out. */
  CorruptSamples corrupt() {
    return corrupt;
  }

  /**
   * Runs over all samples once.
   *
   * @param weights the weights, or an average of them
   */
  Evaluation evaluate(FlatVector weights) {
    Objective objective = model.objective();
    Value logits = objective.logits();
    boolean labelled = samples.dataset().isLabelled();
    double loss = 0;
    int correct = 0;
    int count = 0;
    try (Batches batches =
        Batches.of(samples, batch).last(LastBatch.PAD).countingCorrupt(corrupt).open()) {
      for (Batch next = batches.next(); next != null; next = batches.next()) {
        Map<String, HostTensor> outputs = model.forward(weights, next.inputs());
        Map<String, HostTensor> taught =
            labelled
                ? Map.of()
                : Objects.requireNonNull(objective.teacher()).outputs(next.inputs());
        if (logits == null) {
          loss += squaredDifference(outputs, taught, next.size(), next.rows()) * next.size();
        } else {
          ClassScores scores = ClassScores.of(output(outputs, logits), next.rows());
          ClassScores target =
              labelled ? null : ClassScores.of(output(taught, logits), next.rows());
          for (int row = 0; row < next.size(); row++) {
            int right = target == null ? next.label(row) : target.highest(row);
            loss +=
                target == null ? scores.crossEntropy(row, right) : target.divergence(scores, row);
            correct += scores.highest(row) == right ? 1 : 0;
          }
        }
        count += next.size();
      }
    }
    return new Evaluation(
        loss / count, logits == null ? Double.NaN : (double) correct / count, count);
  }

  private static HostTensor output(Map<String, HostTensor> outputs, Value value) {
    return Objects.requireNonNull(outputs.get(value.name()));
  }

  /** Mean over outputs, samples and elements. */
  private static double squaredDifference(
      Map<String, HostTensor> outputs, Map<String, HostTensor> taught, int size, int rows) {
    double mean = 0;
    for (Map.Entry<String, HostTensor> output : outputs.entrySet()) {
      float[] own = output.getValue().floats();
      float[] target = Objects.requireNonNull(taught.get(output.getKey())).floats();
      int elements = own.length / rows * size; // rows that only pad come last
      double sum = 0;
      for (int i = 0; i < elements; i++) {
        double difference = own[i] - target[i];
        sum += difference * difference;
      }
      mean += sum / elements / outputs.size();
    }
    return mean;
  }
}
