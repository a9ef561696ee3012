package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepTest {
  private static final int SAMPLES = 12;

  /** FLOAT activations in programs that ONNX Runtime optimises differently. */
  private static final double ROUNDING = 2e-3;

  private static Calibration calibration(Model model, int batch) {
    Value input = model.graph().inputs().get(0);
    List<Integer> dims = RandomArrays.sampleDims(Objects.requireNonNull(input.type()));
    return RandomArrays.of(input.name(), dims, SAMPLES, 0).calibration(batch);
  }

  /** Both models from their inputs to the layer, for each layer: what a sweep must amount to. */
  private static void layerByLayer(
      Model dense, Model pruned, List<RecoveredLayer> layers, Calibration calibration) {
    Model reference = WorkingModel.normalized(dense).model();
    for (RecoveredLayer corrected : layers) {
      LinearLayer layer = LinearLayer.of(ErrorGraph.producer(pruned, corrected.layer()));
      ErrorGraph graph = ErrorGraph.of(reference, pruned, layer, null, calibration.batches(dense));
      Model copy = ModelCopy.of(reference).model();
      Value target = graph.appendTarget(copy);
      copy.graph().clearOutputs();
      copy.graph().addOutput(target);
      NormalEquations sums = new NormalEquations(layer.inputs(), layer.outputs());
      try (OrtProgram wanted = OrtProgram.compile(copy, calibration.options())) {
        calibration.run(
            "the pruned model",
            graph.pruned(),
            Set.of(graph.target()),
            LastBatch.DROP,
            new Calibration.Visitor() {
              @Override
              public Map<String, HostTensor> feed(Batch batch, Map<String, ValueType> inputs) {
                HostTensor result =
                    Objects.requireNonNull(wanted.run(batch.inputs()).get(target.name()));
                HostTensor fed = HostTensor.allocate(result.type(), result.dims());
                fed.bytes().put(result.bytes());
                return Map.of(graph.target(), fed);
              }

              @Override
              public void take(Batch batch, Map<String, HostTensor> results) {
                sums.add(graph, results);
              }
            });
      }
      NormalEquations.Correction correction =
          sums.solve(RecoverySettings.STANDARD, layer.hasBias());
      layer.add(correction.weight(), correction.bias());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_fused_dynbatch",
        "timm_vit_legacy_op17_fused",
        "rep_einsum",
        "hf_vit_dynamo__constants",
        "timm_vit__functions",
        "timm_vit__fp16_weights_cast",
        "hf_vit__ms_mha",
        "timm_swin_legacy_dynbatch",
        "timm_vit_conv_mlp",
        "timm_vit_parallel_scaling",
        "timm_vit_tap_hidden",
        "timm_xcit"
      })
  void isEachLayerByItself(String name) {
    Model dense = Fixture.of(name).model();
    PruningPlan plan =
        Cuts.halves(WorkingModel.normalized(dense).blocks(), EnumSet.allOf(Part.class), 11);
    Calibration calibration = calibration(dense, 2);
    Model swept = Pruning.prune(dense, plan);
    List<RecoveredLayer> layers =
        Recovery.of(dense, plan, calibration, RecoverySettings.STANDARD).apply(swept);
    assertThat(layers).isNotEmpty().allMatch(RecoveredLayer::isCorrected);

    Model alone = Pruning.prune(dense, plan);
    layerByLayer(dense, alone, layers, calibration);
    for (RecoveredLayer layer : layers) {
      double[] expected = weights(alone, layer);
      double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      assertThat(weights(swept, layer))
          .as(layer.layer())
          .containsExactly(expected, within(ROUNDING * largest));
    }
  }

  private static double[] weights(Model model, RecoveredLayer layer) {
    return LinearLayer.of(ErrorGraph.producer(model, layer.layer())).weights();
  }

  private static Model vit(int depth) {
    return VitBuilder.build(new VitArchitecture(8, 1, 4, 24, depth, 4, 16, 5), 3);
  }

  private static Model halved(Model dense) {
    return Pruning.prune(
        dense, Cuts.halves(WorkingModel.normalized(dense).blocks(), EnumSet.allOf(Part.class), 11));
  }

  /**
   * Two plain runs and what measuring adds, for any depth, and three where inputs of layers take
   * more than they may: counted, not timed.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 6, 12})
  void costsAFewPlainRuns(int depth) {
    Model dense = vit(depth);
    long plain = WorkingModel.normalized(dense).model().graph().nodes().size();
    long measuring = 40L * layers(depth).size();
    assertThat(nodesRun(dense, depth, Long.MAX_VALUE)).isLessThan(2 * plain + measuring);
    assertThat(nodesRun(dense, depth, 0)).isBetween(2 * plain + measuring, 3 * plain + measuring);
  }

  private static long nodesRun(Model dense, int depth, long inFront) {
    Model pruned = halved(dense);
    List<String> layers = layers(depth);
    try (Sweep sweep =
        Sweep.of(
            WorkingModel.normalized(dense).model(),
            pruned,
            layers,
            calibration(dense, 4),
            Long.MAX_VALUE,
            inFront)) {
      for (String layer : layers) {
        sweep.errors(LinearLayer.of(ErrorGraph.producer(pruned, layer)));
        sweep.advance();
      }
      return sweep.nodesRun();
    }
  }

  private static List<String> layers(int depth) {
    List<String> layers = new ArrayList<>();
    for (int block = 0; block < depth; block++) {
      layers.add("/blocks." + block + "/attn/proj");
      layers.add("/blocks." + block + "/mlp/fc2");
    }
    return layers;
  }

  /** What does not fit into memory lies in a file or is computed again, and changes no bit. */
  @Test
  void activationsMayLieInAFile() {
    Model dense = vit(3);
    List<double[]> inMemory = corrections(dense, Long.MAX_VALUE, Long.MAX_VALUE, false);
    List<double[]> inAFile = corrections(dense, 5000, Long.MAX_VALUE, true);
    List<double[]> again = corrections(dense, Long.MAX_VALUE, 0, false);
    assertThat(inAFile).hasSize(6);
    for (int i = 0; i < inAFile.size(); i++) {
      assertThat(inAFile.get(i)).isEqualTo(inMemory.get(i));
      assertThat(again.get(i)).isEqualTo(inMemory.get(i));
    }
  }

  private static List<double[]> corrections(Model dense, long bytes, long inFront, boolean onDisk) {
    Model pruned = halved(dense);
    List<String> layers = layers(3);
    List<double[]> all = new ArrayList<>();
    try (Sweep sweep =
        Sweep.of(
            WorkingModel.normalized(dense).model(),
            pruned,
            layers,
            calibration(dense, 4),
            bytes,
            inFront)) {
      for (String name : layers) {
        LinearLayer layer = LinearLayer.of(ErrorGraph.producer(pruned, name));
        NormalEquations.Correction correction =
            sweep.errors(layer).solve(RecoverySettings.STANDARD, layer.hasBias());
        layer.add(correction.weight(), correction.bias());
        sweep.advance();
        all.add(correction.weight());
      }
      assertThat(sweep.onDisk() > 0).isEqualTo(onDisk);
    }
    return all;
  }

  /** Statistics of layers further on are those of a run from the inputs. */
  @Test
  void inputsAreThoseOfAPlainRun() {
    Model dense = vit(3);
    Calibration calibration = calibration(dense, 4);
    List<String> layers = layers(3);
    LinearLayer last = LinearLayer.of(ErrorGraph.producer(dense, "/blocks.2/mlp/fc1"));
    double[] expected =
        LayerInputs.measure(dense, List.of(last), calibration).get(0).covariance(0).values();
    try (Sweep sweep = Sweep.of(dense, dense, layers, calibration)) {
      for (String name : layers.subList(0, 4)) {
        sweep.errors(LinearLayer.of(ErrorGraph.producer(dense, name)));
        sweep.advance();
        assertThat(sweep.inputs(List.of(last)).get(0).covariance(0).values())
            .containsExactly(expected, within(1e-4));
      }
    }
  }

  @Test
  void aLayerOfSomethingElse() {
    Model dense = vit(2);
    Model other = vit(3);
    LinearLayer layer = LinearLayer.of(ErrorGraph.producer(other, "/blocks.2/mlp/fc2"));
    try (Sweep sweep = Sweep.of(dense, other, layers(3), calibration(dense, 4))) {
      assertThat(catchThrowable(() -> sweep.errors(layer)))
          .isInstanceOf(ModelException.Unsupported.class)
          .hasMessageContaining("no value");
    }
  }
}
