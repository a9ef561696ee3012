package io.gohsp.tables;

import io.gohsp.autodiff.Loss;
import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.TokenWeights;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.ir.Model;
import io.gohsp.linear.TokenMask;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a model loses against the dense one, measured on its output, in the unit of {@link
 * LossImportance}: of class scores the Kullback-Leibler divergence, of anything else half the
 * squared distance, which is what the projection on random signs comes to; of outputs token by
 * token without padding, of which nobody reads anything. A mean over samples.
 */
public final class OutputLoss {
  /** One sample in so many says what loses far too much. */
  private static final int FEW = 4;

  /** How far off a mean over so few may be. */
  private static final double DOUBT = 2;

  private final Model model;
  private final String output;
  private final boolean scores;
  private final @Nullable TokenMask mask;

  /** Few of the samples, and the others. */
  private final List<Calibration> parts;

  /** For parts that were asked for what the dense model answers, batch by batch. */
  private final List<List<float[]>> dense = new ArrayList<>();

  /** Takes what a model answers to a batch of so many samples, in their order. */
  @FunctionalInterface
  private interface Answers {
    void take(float[] numbers, int rows, int batch);
  }

  private OutputLoss(Model model, Calibration calibration, String output, boolean scores) {
    this.model = model;
    this.output = output;
    this.scores = scores;
    this.mask = scores ? null : calibration.tokens(model);
    this.parts = List.of(calibration.every(FEW), calibration.butEvery(FEW));
  }

  /**
   * Against a model, which runs when something is first compared with it.
   *
   * @throws io.gohsp.ir.ModelException.Unsupported if it has no output that a loss can be made of
   */
  public static OutputLoss of(Model dense, Calibration calibration) {
    Loss loss = CalibrationLoss.of(WorkingModel.plain(dense), false);
    boolean scores = loss instanceof Loss.SampledCrossEntropy;
    String output =
        (loss instanceof Loss.SampledCrossEntropy drawn
                ? drawn.value()
                : ((Loss.Projection) loss).value())
            .name();
    return new OutputLoss(dense, calibration, output, scores);
  }

  private void run(int part, String name, Model run, Answers visitor) {
    Calibration calibration = parts.get(part);
    try (TokenWeights weights = new TokenWeights(mask, calibration.options())) {
      calibration.run(
          name,
          run,
          Set.of(),
          LastBatch.DROP,
          new Calibration.Visitor() {
            private int batches;

            @Override
            public void take(Batch batch, Map<String, HostTensor> results) {
              HostTensor answer = Objects.requireNonNull(results.get(output));
              HostTensor tokens = weights.of(batch.inputs());
              float[] numbers = answer.floats();
              if (tokens != null) {
                TokenWeights.leaveOut(FloatBuffer.wrap(numbers), answer.dims(), tokens);
              }
              visitor.take(numbers, Math.toIntExact(answer.dims()[0]), batches++);
            }
          });
    }
  }

  private List<float[]> dense(int part) {
    if (part == dense.size()) {
      List<float[]> answers = new ArrayList<>();
      run(part, "the dense model", model, (numbers, rows, batch) -> answers.add(numbers));
      dense.add(answers);
    }
    return dense.get(part);
  }

  /**
   * What another model loses, not negative.
   *
   * @param enough what is of interest: a model that loses far more on few of the samples is not run
   *     on the others
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public double of(Model other, double enough) {
    double[] sum = new double[2];
    for (int part = 0; part < parts.size(); part++) {
      List<float[]> wanted = dense(part);
      run(
          part,
          "a narrower model",
          other,
          (numbers, rows, batch) -> {
            sum[0] +=
                scores
                    ? divergence(wanted.get(batch), numbers, rows)
                    : distance(wanted.get(batch), numbers);
            sum[1] += rows;
          });
      if (sum[1] > 0 && isRough(sum[0] / sum[1], enough)) {
        break;
      }
    }
    return sum[1] == 0 ? 0 : sum[0] / sum[1];
  }

  /** Whether a loss was found that much more than enough that few samples had to do. */
  public static boolean isRough(double loss, double enough) {
    return loss > DOUBT * enough;
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
