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
  /** Lines that are multiplied at once. */
  private static final int TOGETHER = 4;

  private static final double[] NOTHING = new double[TOGETHER];

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
    int[] starts = new int[elements.length / channels];
    Arrays.setAll(starts, line -> line / inner * channels * inner + line % inner);
    double[][] lines = new double[TOGETHER][channels];
    for (int from = 0; from < starts.length; from += TOGETHER) {
      int some = Math.min(TOGETHER, starts.length - from);
      for (int line = 0; line < some; line++) {
        int k = starts[from + line];
        for (int i = 0; i < channels; i++) {
          lines[line][i] = elements[k + i * inner] * change.scale()[i] * times;
        }
      }
      for (int j = 0; j < channels; j++) {
        double[] dots = j < frame.width() ? dots(lines, frame.columns()[j]) : NOTHING;
        for (int line = 0; line < some; line++) {
          elements[starts[from + line] + j * inner] = dots[line];
        }
      }
    }
    return Tensor.ofDoubles(old.type(), old.dims(), elements);
  }

  /**
   * Products of some lines with one column. Each is added up in order, and so waits for itself;
   * several do not wait for each other, which is three times as fast.
   */
  private static double[] dots(double[][] lines, double[] column) {
    double[] first = lines[0];
    double[] second = lines[1];
    double[] third = lines[2];
    double[] fourth = lines[3];
    double one = 0;
    double two = 0;
    double three = 0;
    double four = 0;
    for (int i = 0; i < column.length; i++) {
      double factor = column[i];
      one += first[i] * factor;
      two += second[i] * factor;
      three += third[i] * factor;
      four += fourth[i] * factor;
    }
    return new double[] {one, two, three, four};
  }
}
