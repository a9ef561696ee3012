package io.gohsp.tables;

import io.gohsp.autodiff.Loss;
import io.gohsp.calibration.Calibration;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What a model loses against the dense one, measured on its output, in the unit of {@link
 * LossImportance}: of class scores the Kullback-Leibler divergence, of anything else half the
 * squared distance, which is what the projection on random signs comes to. A mean over samples.
 */
public final class OutputLoss {
  private final Calibration calibration;
  private final String output;
  private final boolean scores;
  private final List<float[]> dense = new ArrayList<>();

  private OutputLoss(Calibration calibration, String output, boolean scores) {
    this.calibration = calibration;
    this.output = output;
    this.scores = scores;
  }

  /**
   * Runs the dense model.
   *
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static OutputLoss of(Model dense, Calibration calibration) {
    WorkingModel working = WorkingModel.plain(dense);
    Loss loss = CalibrationLoss.of(working, false);
    boolean scores = loss instanceof Loss.SampledCrossEntropy;
    String output =
        (loss instanceof Loss.SampledCrossEntropy drawn
                ? drawn.value()
                : ((Loss.Projection) loss).value())
            .name();
    OutputLoss losses = new OutputLoss(calibration, output, scores);
    losses.run("the dense model", dense, (tensor, batch) -> losses.dense.add(tensor.floats()));
    return losses;
  }

  private void run(String name, Model model, BiConsumer<HostTensor, Integer> visitor) {
    calibration.run(
        name,
        model,
        Set.of(),
        LastBatch.DROP,
        new Calibration.Visitor() {
          private int batches;

          @Override
          public void take(Batch batch, Map<String, HostTensor> results) {
            visitor.accept(Objects.requireNonNull(results.get(output)), batches++);
          }
        });
  }

  /** What another model loses, not negative. */
  public double of(Model other) {
    double[] sum = new double[2];
    run(
        "a narrower model",
        other,
        (tensor, batch) -> {
          int rows = Math.toIntExact(tensor.dims()[0]);
          sum[0] +=
              scores
                  ? divergence(dense.get(batch), tensor.floats(), rows)
                  : distance(dense.get(batch), tensor.floats());
          sum[1] += rows;
        });
    return sum[1] == 0 ? 0 : sum[0] / sum[1];
  }

  private static double distance(float[] want, float[] have) {
    double sum = 0;
    for (int i = 0; i < want.length; i++) {
      double difference = want[i] - have[i];
      sum += difference * difference / 2;
    }
    return sum;
  }

  private static double divergence(float[] want, float[] have, int rows) {
    int classes = want.length / rows;
    double sum = 0;
    for (int from = 0; from < want.length; from += classes) {
      double wanted = logSum(want, from, classes);
      double found = logSum(have, from, classes);
      for (int c = from; c < from + classes; c++) {
        double share = Math.exp(want[c] - wanted);
        sum += share == 0 ? 0 : share * (want[c] - wanted - have[c] + found);
      }
    }
    return sum;
  }

  private static double logSum(float[] scores, int from, int classes) {
    double most = Double.NEGATIVE_INFINITY;
    for (int c = from; c < from + classes; c++) {
      most = Math.max(most, scores[c]);
    }
    double sum = 0;
    for (int c = from; c < from + classes; c++) {
      sum += Math.exp(scores[c] - most);
    }
    return most + Math.log(sum);
  }
}
