package io.gohsp.stream;

import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * Rewrites every constant of a stream for another frame: {@code x' = x T} (SliceGPT, Ashkboos et
 * al., ICLR 2024, with frames that leave LayerNormalization what it is). What a norm does to single
 * channels moves into the layers that read it; then it treats all channels alike, and {@code n(x T)
 * = n(x) T} up to the number of channels that it divides by: {@code |x'|²/w} stands for {@code
 * |x|²/D}, which a scale {@code √(D/w)} of the readers and an epsilon {@code ε D/w} make up for.
 * Products are computed in double precision and rounded once.
 */
final class StreamTurn {
  private StreamTurn() {}

  /** Shifts move first: the bias that one gets may be of another stream. */
  static void run(Map<Trace, Frame> frames) {
    frames.forEach(
        (trace, frame) ->
            trace
                .readers()
                .forEach(
                    reader ->
                        ReaderBias.add(reader.node(), reader.norm().shifts(frame.channels()))));
    frames.forEach(StreamTurn::turn);
  }

  private static void turn(Trace trace, Frame frame) {
    int channels = frame.channels();
    double ratio = channels / (double) frame.width();
    trace
        .constants()
        .all()
        .forEach(
            (constant, change) ->
                ConstantValue.replace(
                    constant,
                    changed(
                        Objects.requireNonNull(ConstantValue.of(constant)),
                        trace.constants().inner(constant),
                        change,
                        change.reads() ? Math.sqrt(ratio) : 1,
                        frame)));
    for (Norm norm : trace.norms()) {
      norm.setEpsilon(norm.epsilon() * ratio);
    }
  }

  private static Tensor changed(
      Tensor old, int inner, ConstantChanges.Change change, double times, Frame frame) {
    double[] elements = old.doubles();
    if (change.filled() != null) {
      Arrays.fill(elements, change.filled());
      return Tensor.ofDoubles(old.type(), old.dims(), elements);
    }
    int channels = frame.channels();
    double[] line = new double[channels];
    for (int start = 0; start < elements.length; start += channels * inner) {
      for (int k = start; k < start + inner; k++) {
        for (int i = 0; i < channels; i++) {
          line[i] = elements[k + i * inner] * change.scale()[i] * times;
        }
        for (int j = 0; j < channels; j++) {
          elements[k + j * inner] = j < frame.width() ? dot(line, frame.columns()[j]) : 0;
        }
      }
    }
    return Tensor.ofDoubles(old.type(), old.dims(), elements);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
