package io.gohsp.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.PrunedModel;
import io.gohsp.Pruner;
import io.gohsp.bench.Latency;
import io.gohsp.bench.LatencyProbe;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.LatencySettings.Effort;
import io.gohsp.method.Methods;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.InvalidOption;
import io.gohsp.verify.SampleInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The whole way: real models, real time. */
class RealLatencyTest {
  private static final Path BUILT_IN_BATCH =
      Path.of("..", "testdata", "fixtures", "timm_vit_legacy_op17_unfused", "model.onnx");

  /** A little more than a millisecond for a run, nearly all of it in what can be pruned. */
  private static final Model VIT =
      VitBuilder.build(new VitArchitecture(32, 3, 4, 128, 2, 4, 512, 10), 1);

  private static final LatencySettings BRIEF =
      new LatencySettings(2, Device.CPU, 1, Map.of(), new Effort(0.1, 15, 60));

  @Test
  void isAsFastAsItSays() throws IOException {
    PrunedModel pruned = Pruner.of(VIT).latency(LatencyTarget.parse("", "0.7"), BRIEF).prune();

    MeasuredLatency latency = pruned.latency();
    assertThat(latency.pruned().ratioRange().high()).isLessThanOrEqualTo(0.7);
    assertThat(latency.pruned().batch()).isEqualTo(2);
    assertThat(pruned.isCopy()).isFalse();
    assertThat(pruned.plan().provenance())
        .containsEntry("latency", "70% of the original's time")
        .containsEntry("batch", "2")
        .containsEntry("align", Integer.toString(latency.align()));
    // By another clock; a tenth more for a machine that does other things too.
    assertThat(ratio(pruned.model())).isLessThan(0.77);
    pruned.verify();
    // Measured or not, the plan is all it takes to repeat it.
    Model again = Pruner.of(VIT).apply(pruned.plan()).model();
    assertThat(OnnxWriter.toBytes(again)).isEqualTo(OnnxWriter.toBytes(pruned.model()));
  }

  private static double ratio(Model pruned) {
    OrtOptions options = OrtOptions.DEFAULT.withThreads(1);
    try (OrtProgram dense = OrtProgram.compile(VIT, options);
        OrtProgram other = OrtProgram.compile(pruned, options)) {
      SampleInputs inputs = SampleInputs.find(VIT, dense, Map.of(), 0);
      List<Latency> both = new LatencyProbe(5, 101).interleaved(List.of(dense, other), inputs, 2);
      return both.get(1).ratio();
    }
  }

  /** The budget is what cuts; the time is one that no busy machine misses. */
  @Test
  void keepsTheAlignmentThatWasAskedFor() {
    PrunedModel pruned =
        Pruner.of(VIT)
            .keepMacs(0.5)
            .latency(LatencyTarget.parse("", "60s"), BRIEF)
            .align(8)
            .heads("4")
            .prune();

    assertThat(pruned.latency().align()).isEqualTo(8);
    assertThat(pruned.latency().alignments()).isEmpty();
    assertThat(pruned.isCopy()).isFalse();
    assertThat(pruned.plan().blocks())
        .allSatisfy(
            block -> {
              assertThat(block.headsKept()).isNull();
              assertThat(block.neuronsKept().size() % 8).isZero();
            });
  }

  @Test
  void refusesWhatContradictsIt() {
    assertThatThrownBy(() -> Pruner.of(VIT).latency("0.5").method(Methods.ZEROS).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessageStartingWith("the method zeros removes exactly what is zero");
    assertThatThrownBy(
            () ->
                Pruner.read(BUILT_IN_BATCH).latency(LatencyTarget.parse("", "0.5"), BRIEF).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessage(
            "--latency-batch has no effect: the batch of the model is built in; leave it out");
  }

  @Test
  void givesUpOnWhatNoModelCanDo() {
    assertThatThrownBy(() -> Pruner.of(VIT).latency(LatencyTarget.parse("", "1us"), BRIEF).prune())
        .isInstanceOf(ModelException.NothingToPrune.class)
        .hasMessageStartingWith("the latency of 0.001 ms cannot be reached: the smallest model");
  }
}
