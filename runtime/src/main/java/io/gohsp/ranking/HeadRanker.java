package io.gohsp.ranking;

import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.DataException;
import io.gohsp.data.LastBatch;
import io.gohsp.data.Samples;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.rank.HeadGraph;
import io.gohsp.rank.Similarity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    Map<String, ValueType> inputs = inputs(graph.model());
    int builtIn = builtIn(inputs);
    try (OrtProgram program = OrtProgram.compile("the head graph", graph.model(), options);
        Batches batches =
            Batches.of(samples.apply(inputs), builtIn > 0 ? builtIn : batch)
                .last(builtIn > 0 ? LastBatch.PAD : LastBatch.KEEP)
                .open()) {
      Map<String, double[][]> sums = new LinkedHashMap<>();
      graph.parts().forEach(p -> sums.put(p.block(), new double[p.heads()][p.heads()]));
      int count = 0;
      for (Batch b = batches.next(); b != null; b = batches.next()) {
        Map<String, HostTensor> results = program.run(b.inputs());
        for (HeadGraph.Part part : graph.parts()) {
          if (part.output() != null) {
            add(results.get(part.output().name()), b.size(), sums.get(part.block()));
          }
        }
        count += b.size();
      }
      if (count == 0) {
        throw new DataException("data", "no sample could be read", "repair the files");
      }
      return averaged(sums, count);
    }
  }

  private static Map<String, ValueType> inputs(Model model) {
    Map<String, ValueType> inputs = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null && input.type() != null) {
        inputs.put(input.name(), input.type());
      }
    }
    return inputs;
  }

  /** The batch that is built into a model; 0 if it takes any. */
  private static int builtIn(Map<String, ValueType> inputs) {
    for (ValueType type : inputs.values()) {
      if (type instanceof ValueType.TensorType tensor && tensor.shape() != null) {
        List<Dim> shape = tensor.shape();
        if (!shape.isEmpty() && shape.get(0).isKnown()) {
          return Math.toIntExact(shape.get(0).value());
        }
      }
    }
    return 0;
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

  private static HeadSimilarities averaged(Map<String, double[][]> sums, int count) {
    sums.forEach(
        (block, sum) -> {
          for (int i = 0; i < sum.length; i++) {
            for (int j = 0; j < i; j++) { // rounding need not be symmetric
              double mean = (sum[i][j] + sum[j][i]) / (2.0 * count);
              if (!Double.isFinite(mean)) {
                throw new DataException(
                    "data",
                    "heads " + j + " and " + i + " of " + block + " have a similarity of " + mean,
                    "check that the samples are prepared as the model expects them");
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
