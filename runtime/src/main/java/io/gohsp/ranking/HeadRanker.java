package io.gohsp.ranking;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.Batch;
import io.gohsp.data.DataException;
import io.gohsp.data.LastBatch;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.rank.HeadGraph;
import io.gohsp.rank.Similarity;
import io.gohsp.verify.NoNumbers;
import io.gohsp.workers.Shards;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Measures how similar heads are. Each sample gives one matrix per block, computed in ONNX Runtime;
 * only these matrices leave it. They are added up in double precision, so neither the order of the
 * samples nor their division into batches matters beyond the rounding of the runtime's float
 * kernels, which may differ with the batch: 1e-6 bounds it.
 */
public final class HeadRanker {
  private HeadRanker() {}

  /**
   * Averages the similarity of heads over all samples.
   *
   * @param samples makes the calibration samples ready for the inputs of a model; what it must not
   *     see (validation, test) is the caller's to leave out
   * @param batch samples in a run; a batch that is built into the model counts instead
   * @throws io.gohsp.ir.ModelException.Unsupported if the heads of a block cannot be compared
   * @throws DataException if the samples cannot be used
   */
  public static HeadSimilarities measure(
      Model model,
      Similarity similarity,
      Function<Map<String, ValueType>, Samples> samples,
      int batch,
      OrtOptions options) {
    return measure(HeadGraph.of(model, similarity), samples, batch, options);
  }

  /** {@link #measure(Model, Similarity, Function, int, OrtOptions)} of a model made ready. */
  public static HeadSimilarities measure(
      HeadGraph graph,
      Function<Map<String, ValueType>, Samples> samples,
      int batch,
      OrtOptions options) {
    return measure(graph, samples, batch, options, Shards.HERE);
  }

  /**
   * The same, wherever samples are looked at.
   *
   * @param shards of which others than this process may compute some, by {@link #summing}
   */
  public static HeadSimilarities measure(
      HeadGraph graph,
      Function<Map<String, ValueType>, Samples> samples,
      int batch,
      OrtOptions options,
      Shards shards) {
    int count = new Calibration(samples, batch, options, 0).shards(graph.model());
    double[] total = shards.total(count, summing(graph, samples, batch, options));
    Map<String, double[][]> sums = new LinkedHashMap<>();
    int at = 1;
    for (HeadGraph.Part part : graph.parts()) {
      double[][] sum = new double[part.heads()][];
      for (int i = 0; i < sum.length; i++, at += sum.length) {
        sum[i] = Arrays.copyOfRange(total, at, at + sum.length);
      }
      sums.put(part.block(), sum);
    }
    return averaged(graph.model(), sums, (int) total[0]);
  }

  /** What is added up: how many samples there are, and the matrices of all blocks. */
  public static Shards.Summing summing(
      HeadGraph graph,
      Function<Map<String, ValueType>, Samples> samples,
      int batch,
      OrtOptions options) {
    int numbers = 1 + graph.parts().stream().mapToInt(p -> p.heads() * p.heads()).sum();
    return (from, to) -> {
      List<double[]> all = new ArrayList<>();
      new Calibration(samples, batch, options, 0)
          .runShards(
              "the head graph",
              graph.model(),
              LastBatch.PAD,
              from,
              to,
              shard -> {
                double[] sums = new double[numbers];
                all.add(sums);
                return (read, results) -> add(graph, read, results, sums);
              });
      return all;
    };
  }

  private static void add(
      HeadGraph graph, Batch batch, Map<String, HostTensor> results, double[] sums) {
    sums[0] += batch.size();
    int at = 1;
    for (HeadGraph.Part part : graph.parts()) {
      int numbers = part.heads() * part.heads();
      if (part.output() != null) {
        HostTensor matrices = Objects.requireNonNull(results.get(part.output().name()));
        add(matrices, batch.size(), numbers, sums, at);
      }
      at += numbers;
    }
  }

  /** Adds the matrices of the first {@code size} samples; others only fill the batch up. */
  private static void add(HostTensor matrices, int size, int numbers, double[] sums, int at) {
    double[] values = matrices.doubles();
    for (int sample = 0; sample < size; sample++) {
      for (int i = 0; i < numbers; i++) {
        sums[at + i] += values[sample * numbers + i];
      }
    }
  }

  private static HeadSimilarities averaged(Model model, Map<String, double[][]> sums, int count) {
    sums.forEach(
        (block, sum) -> {
          for (int i = 0; i < sum.length; i++) {
            for (int j = 0; j < i; j++) { // rounding need not be symmetric
              double mean = (sum[i][j] + sum[j][i]) / (2.0 * count);
              if (!Double.isFinite(mean)) {
                throw NoNumbers.of(
                    model,
                    "heads %d and %d of %s have a similarity of %s on the data"
                        .formatted(j, i, block, mean));
              }
              sum[i][j] = mean;
              sum[j][i] = mean;
            }
            sum[i][i] = 1; // also of a head that is silent on some samples
          }
        });
    return new HeadSimilarities(count, sums);
  }
}
