package io.gohsp.ranking;

import io.gohsp.calibration.Calibration;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Measures how similar heads are. Each sample gives one matrix per block, computed in ONNX Runtime;
 * only these matrices leave it. They are added up in double precision, so neither the order of the
 * samples nor their division into batches matters beyond the rounding of the runtime's float
 * kernels, which may differ with the batch: 1e-6 bounds it.
 */
public final class HeadRanker {
  /** Samples in a run; few, because the maps of a run then stay in the processor's caches. */
  public static final int BATCH = 4;

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
    Map<String, double[][]> sums = new LinkedHashMap<>();
    graph.parts().forEach(p -> sums.put(p.block(), new double[p.heads()][p.heads()]));
    int[] count = {0};
    new Calibration(samples, batch, options, 0)
        .run(
            "the head graph",
            graph.model(),
            Set.of(),
            LastBatch.PAD,
            (b, results) -> {
              for (HeadGraph.Part part : graph.parts()) {
                if (part.output() != null) {
                  add(results.get(part.output().name()), b.size(), sums.get(part.block()));
                }
              }
              count[0] += b.size();
            });
    return averaged(graph.model(), sums, count[0]);
  }

  /** Adds the matrices of the first {@code size} samples; others only fill the batch up. */
  private static void add(HostTensor matrices, int size, double[][] sum) {
    double[] values = matrices.doubles();
    int heads = sum.length;
    for (int sample = 0; sample < size; sample++) {
      for (int i = 0; i < heads; i++) {
        for (int j = 0; j < heads; j++) {
          sum[i][j] += values[(sample * heads + i) * heads + j];
        }
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
