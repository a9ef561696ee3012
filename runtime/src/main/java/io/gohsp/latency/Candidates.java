package io.gohsp.latency;

import io.gohsp.bench.Latency;
import io.gohsp.bench.LatencyProbe;
import io.gohsp.bench.Range;
import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings.Effort;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.SampleInputs;
import java.util.List;

/** Makes pruned models in memory and times them in turns with the original. */
final class Candidates implements CandidateTimer {
  private static final LatencyProbe FIRST_LOOK = new LatencyProbe(2, 3);

  /** No measurement is repeated once it has taken this many times what was aimed at. */
  private static final int PATIENCE = 4;

  private final Model original;
  private final LatencyTarget target;
  private final LatencySettings settings;
  private final OrtOptions options;
  private final OrtProgram dense;
  private final SampleInputs inputs;
  private int timed;

  private Candidates(
      Model original,
      LatencyTarget target,
      LatencySettings settings,
      OrtOptions options,
      OrtProgram dense,
      SampleInputs inputs) {
    this.original = original;
    this.target = target;
    this.settings = settings;
    this.options = options;
    this.dense = dense;
    this.inputs = inputs;
  }

  /**
   * Makes the original ready to run.
   *
   * @throws InvalidOption if a batch is asked for that the model does not follow
   * @throws io.gohsp.ir.ModelException if the original does not run
   */
  static Candidates of(Model original, LatencyTarget target, LatencySettings settings) {
    OrtOptions options =
        OrtOptions.DEFAULT.withDevice(settings.device()).withThreads(settings.threads());
    OrtProgram dense = OrtProgram.compile("the original", original, options);
    try {
      SampleInputs inputs = SampleInputs.find(original, dense, settings.sizes(), 0);
      if (settings.batch() > 0 && !inputs.hasSymbolicBatch()) {
        throw new InvalidOption(
            "--latency-batch has no effect: the batch of the model is built in; leave it out");
      }
      return new Candidates(original, target, settings, options, dense, inputs);
    } catch (RuntimeException e) {
      dense.close();
      throw e;
    }
  }

  @Override
  public Device device() {
    return dense.device();
  }

  @Override
  public int timed() {
    return timed;
  }

  @Override
  public Trial time(PruningPlan plan, Effort effort, int doublings) {
    timed++;
    long patience = System.nanoTime() + (long) (PATIENCE * effort.seconds() * 1e9);
    Model model = plan.isEmpty() ? original : Pruning.prune(original, plan);
    try (OrtProgram program = OrtProgram.compile("the candidate", model, options)) {
      List<OrtProgram> both = List.of(dense, program);
      List<Latency> look = interleaved(FIRST_LOOK, both);
      int rounds = effort.rounds((look.get(0).medianMs() + look.get(1).medianMs()) / 1e3);
      List<Latency> pair = interleaved(new LatencyProbe(1, rounds), both);
      for (int i = 0; i < doublings && isClose(pair.get(1)) && System.nanoTime() < patience; i++) {
        rounds *= 2;
        pair = interleaved(new LatencyProbe(0, rounds), both);
      }
      return Trial.of(plan, CostModel.of(model).macs(), pair.get(0), pair.get(1), target);
    }
  }

  private List<Latency> interleaved(LatencyProbe probe, List<OrtProgram> both) {
    return probe.interleaved(both, inputs, Math.max(1, settings.batch()));
  }

  private boolean isClose(Latency latency) {
    Range range = target.measured(latency);
    return range.low() <= target.limit() && target.limit() < range.high();
  }

  @Override
  public void close() {
    dense.close();
  }
}
