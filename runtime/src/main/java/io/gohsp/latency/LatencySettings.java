package io.gohsp.latency;

import io.gohsp.ort.Device;
import io.gohsp.plan.InvalidOption;
import io.gohsp.verify.DataShapes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Under which conditions latency counts.
 *
 * @param batch samples in a run; 0 for one, or for what the model has built in
 * @param device where models run
 * @param threads for one operator; 0 for one per core
 * @param sizes for symbolic dimensions of the inputs, by symbol; those not given are found by trial
 * @param effort how long to measure
 * @param data how large inputs are in data, which is tried first for sizes that are not given
 */
public record LatencySettings(
    long batch,
    Device device,
    int threads,
    Map<String, Long> sizes,
    Effort effort,
    DataShapes data) {
  /** One sample on the processor, all cores. */
  public static final LatencySettings STANDARD =
      new LatencySettings(0, Device.CPU, 0, Map.of(), Effort.STANDARD);

  /**
   * How long to measure one candidate against the original.
   *
   * @param seconds that are aimed at
   * @param leastRounds however long they take
   * @param mostRounds however short they are
   */
  public record Effort(double seconds, int leastRounds, int mostRounds) {
    /** Tells differences of a few percent on a machine that does other things too. */
    public static final Effort STANDARD = new Effort(1.5, 15, 400);

    /** Not asked for, so that it must not take long: what is slow is run a few times. */
    public static final Effort BRIEF = new Effort(1, 3, 100);

    public Effort {
      if (!(seconds >= 0) || leastRounds < 1 || mostRounds < leastRounds) {
        throw new IllegalArgumentException(
            seconds + " s, " + leastRounds + " to " + mostRounds + " rounds");
      }
    }

    Effort times(int factor) {
      return new Effort(seconds * factor, leastRounds * factor, mostRounds * factor);
    }

    int rounds(double secondsOfOne) {
      double wanted = seconds / Math.max(secondsOfOne, 1e-9);
      return (int) Math.max(leastRounds, Math.min(mostRounds, Math.ceil(wanted)));
    }
  }

  /** Where there are no data. */
  public LatencySettings(
      long batch, Device device, int threads, Map<String, Long> sizes, Effort effort) {
    this(batch, device, threads, sizes, effort, DataShapes.NONE);
  }

  /** The same on inputs as large as those of data. */
  public LatencySettings seeing(DataShapes newData) {
    return new LatencySettings(batch, device, threads, sizes, effort, newData);
  }

  /**
   * @throws InvalidOption if the batch or the number of threads is negative
   */
  public LatencySettings {
    if (batch < 0 || threads < 0) {
      throw new InvalidOption(
          "latency with a batch of "
              + batch
              + " and "
              + threads
              + " threads cannot be measured;"
              + " give 1 or more");
    }
    sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
  }
}
