package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Spread;
import io.gohsp.calibration.TokenWeights;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.linalg.RowProducts;
import io.gohsp.linear.InputGraph;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.workers.SharedBytes;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link LayerInputs} adds up: of each activation the products of its channels and its rows'
 * weights, as a value that others add up a part of.
 *
 * @param graph an {@link InputGraph}'s model
 * @param names by activation its outputs
 * @param channels of each activation
 * @param mask a {@link TokenMask}'s model; empty if all tokens count
 * @param weights its output
 * @param batches that all samples are
 * @param batch samples in one
 */
record InputSums(
    SharedBytes graph,
    List<InputGraph.Rows> names,
    List<Integer> channels,
    SharedBytes mask,
    String weights,
    int batches,
    int batch)
    implements Spread.Sums {

  /** Of channels and weights, in one row. */
  static RowProducts products(int channels) {
    return new RowProducts(channels, 1);
  }

  /** Adds what a run returned. */
  static void add(
      List<InputGraph.Rows> activations, Map<String, HostTensor> results, List<RowProducts> sums) {
    for (int i = 0; i < sums.size(); i++) {
      InputGraph.Rows names = activations.get(i);
      sums.get(i)
          .add(
              Objects.requireNonNull(results.get(names.rows())).floats(),
              Objects.requireNonNull(results.get(names.weights())).floats());
    }
  }

  /** Adds up over all samples, whoever sees them. */
  static void add(
      Model model,
      InputGraph graph,
      @Nullable TokenMask mask,
      Calibration calibration,
      List<RowProducts> sums) {
    Spread spread = calibration.spread();
    if (spread == null || !Spread.canSend(graph.model())) {
      run(graph, mask, calibration, sums);
      return;
    }
    try (SharedBytes whole = spread.share(OnnxWriter.toBytes(graph.model()));
        SharedBytes tokens =
            spread.share(mask == null ? new byte[0] : OnnxWriter.toBytes(mask.model()))) {
      InputSums part =
          new InputSums(
              whole,
              graph.activations(),
              sums.stream().map(products -> products.width() - 1).toList(),
              tokens,
              mask == null ? "" : mask.weights(),
              calibration.batches(model),
              calibration.batch(model));
      List<double[]> added = spread.added(part, calibration, Spread.parts(part.batches()));
      for (int i = 0; i < sums.size(); i++) {
        sums.get(i).add(added.get(i));
      }
    }
  }

  @Override
  public List<double[]> of(Calibration all, int part, int parts) {
    TokenMask tokens =
        weights.isEmpty()
            ? null
            : new TokenMask(OnnxReader.read(mask.bytes(), null), TokenMask.FED, weights);
    List<RowProducts> sums = channels.stream().map(InputSums::products).toList();
    run(
        new InputGraph(OnnxReader.read(graph.bytes(), null), names),
        tokens,
        Spread.part(all, part, parts, batches, batch),
        sums);
    return sums.stream().map(RowProducts::lower).toList();
  }

  private static void run(
      InputGraph graph, @Nullable TokenMask mask, Calibration calibration, List<RowProducts> sums) {
    try (TokenWeights weights = new TokenWeights(mask, calibration.options())) {
      calibration.run(
          "the graph of layer inputs",
          graph.model(),
          Set.of(TokenMask.FED),
          LastBatch.DROP,
          new Calibration.Visitor() {
            @Override
            public Map<String, HostTensor> feed(Batch batch, Map<String, ValueType> inputs) {
              HostTensor tokens = inputs.isEmpty() ? null : weights.of(batch.inputs());
              return tokens == null ? Map.of() : Map.of(TokenMask.FED, tokens);
            }

            @Override
            public void take(Batch batch, Map<String, HostTensor> values) {
              add(graph.activations(), values, sums);
            }
          });
    }
  }
}
