package io.gohsp.bench;

import io.gohsp.ort.Binding;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import io.gohsp.verify.SampleInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Times models against each other. Each round runs every model once, in turns, so that all of them
 * see the same state of the machine.
 *
 * @param warmUp untimed rounds: the first runs allocate memory and load code
 * @param rounds timed rounds
 */
public record LatencyProbe(int warmUp, int rounds) {
  /** Enough for a stable median of a model that takes milliseconds. */
  public static final LatencyProbe STANDARD = new LatencyProbe(3, 15);

  public LatencyProbe {
    if (warmUp < 0 || rounds < 1) {
      throw new IllegalArgumentException(
          warmUp + " rounds of warm-up and " + rounds + " timed ones");
    }
  }

  /**
   * Measures programs that take the same inputs.
   *
   * @param programs the first is what the others are compared with
   * @param inputs found on one of them
   * @param batch samples in a run; only models with a symbolic batch follow it
   * @return in the order of the programs
   * @throws io.gohsp.ir.ModelException if a program does not run on these inputs
   */
  public List<Latency> interleaved(List<OrtProgram> programs, SampleInputs inputs, long batch) {
    Map<String, HostTensor> feed = inputs.withBatch(batch).sample(0);
    List<Binding> bindings = new ArrayList<>();
    try {
      programs.forEach(program -> bindings.add(program.bind(feed, Map.of())));
      long[][] nanos = time(bindings);
      long samples = inputs.hasSymbolicBatch() ? batch : builtIn(feed);
      List<Latency> results = new ArrayList<>();
      for (int i = 0; i < nanos.length; i++) {
        results.add(latency(programs.get(i).name(), samples, nanos[i], nanos[0]));
      }
      return results;
    } finally {
      bindings.forEach(Binding::close);
    }
  }

  /** {@code [program][round]}. */
  private long[][] time(List<Binding> bindings) {
    long[][] nanos = new long[bindings.size()][rounds];
    for (int round = -warmUp; round < rounds; round++) {
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        bindings.get(i).execute();
        if (round >= 0) {
          nanos[i][round] = System.nanoTime() - start;
        }
      }
    }
    return nanos;
  }

  /** A model with its batch built in has it in front, as far as anybody can tell. */
  static long builtIn(Map<String, HostTensor> feed) {
    return feed.values().stream()
        .map(HostTensor::dims)
        .filter(dims -> dims.length > 1)
        .mapToLong(dims -> dims[0])
        .findFirst()
        .orElse(1);
  }

  private static Latency latency(String name, long batch, long[] nanos, long[] first) {
    double[] ms = Arrays.stream(nanos).mapToDouble(n -> n / 1e6).toArray();
    double[] ratios = new double[nanos.length];
    Arrays.setAll(ratios, round -> (double) nanos[round] / first[round]);
    double min = Arrays.stream(ms).min().orElseThrow();
    return new Latency(
        name,
        batch,
        nanos.length,
        median(ms),
        min,
        median(ratios),
        Range.ofMedian(ms),
        Range.ofMedian(ratios));
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
