package io.gohsp.latency;

import io.gohsp.bench.Latency;
import io.gohsp.bench.LatencyProbe;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings.Effort;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.InvalidOption;
import io.gohsp.verify.SampleInputs;
import java.util.List;
import java.util.function.Predicate;

/** Times models one after the other, each in turns with the same original. */
public final class PairTimer implements AutoCloseable {
  private static final LatencyProbe FIRST_LOOK = new LatencyProbe(2, 3);

  /** No measurement is repeated once it has taken this many times what was aimed at. */
  private static final int PATIENCE = 4;

  private final LatencySettings settings;
  private final OrtOptions options;
  private final OrtProgram dense;
  private final SampleInputs inputs;

  /**
   * What was measured in the same rounds.
   *
   * @param dense the original
   * @param other the other model; its ratio is to the original
   */
  public record Pair(Latency dense, Latency other) {}

  private PairTimer(
      LatencySettings settings, OrtOptions options, OrtProgram dense, SampleInputs inputs) {
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
  public static PairTimer of(Model original, LatencySettings settings) {
    OrtOptions options =
        OrtOptions.DEFAULT.withDevice(settings.device()).withThreads(settings.threads());
    OrtProgram dense = OrtProgram.compile("the original", original, options);
    try {
      SampleInputs inputs =
          SampleInputs.find(original, dense, settings.sizes(), 0, settings.data());
      if (settings.batch() > 0 && !inputs.hasSymbolicBatch()) {
        throw new InvalidOption(
            "--latency-batch has no effect: the batch of the model is built in; leave it out");
      }
      return new PairTimer(settings, options, dense, inputs);
    } catch (RuntimeException e) {
      dense.close();
      throw e;
    }
  }

  /** Where models run. */
  public Device device() {
    return dense.device();
  }

  /**
   * Times a model for as long as the settings say.
   *
   * @param model takes the original's inputs
   */
  public Pair time(Model model) {
    return time(model, settings.effort(), 0, latency -> false);
  }

  /**
   * Times a model; longer if that is not enough.
   *
   * @param effort how long at first
   * @param doublings how often the rounds may be doubled
   * @param isTooVague whether they should be
   */
  Pair time(Model model, Effort effort, int doublings, Predicate<Latency> isTooVague) {
    long patience = System.nanoTime() + (long) (PATIENCE * effort.seconds() * 1e9);
    try (OrtProgram program = OrtProgram.compile("the candidate", model, options)) {
      List<OrtProgram> both = List.of(dense, program);
      List<Latency> look = interleaved(FIRST_LOOK, both);
      int rounds = effort.rounds((look.get(0).medianMs() + look.get(1).medianMs()) / 1e3);
      List<Latency> pair =
          rounds <= FIRST_LOOK.rounds() ? look : interleaved(new LatencyProbe(1, rounds), both);
      for (int i = 0;
          i < doublings && isTooVague.test(pair.get(1)) && System.nanoTime() < patience;
          i++) {
        rounds *= 2;
        pair = interleaved(new LatencyProbe(0, rounds), both);
      }
      return new Pair(pair.get(0), pair.get(1));
    }
  }

  private List<Latency> interleaved(LatencyProbe probe, List<OrtProgram> both) {
    return probe.interleaved(both, inputs, Math.max(1, settings.batch()));
  }

  @Override
  public void close() {
    dense.close();
  }
}
