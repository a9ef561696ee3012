package io.gohsp.calibration;

import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.ir.ValueType;
import java.io.Serializable;
import java.util.Map;
import java.util.stream.IntStream;

/** Some of the samples of a calibration, as a value: others pick the same ones from theirs. */
public sealed interface Pick extends Serializable {
  /**
   * The samples that are picked.
   *
   * @param inputs of the model that they are ready for
   */
  Samples of(Samples all, Map<String, ValueType> inputs);

  /**
   * Every n-th one; all where these would not fill a batch that is built into the model.
   *
   * @param first the first of them, below n
   * @param others whether the others are meant
   */
  record Every(int n, int first, boolean others) implements Pick {
    @Override
    public Samples of(Samples all, Map<String, ValueType> inputs) {
      int[] some =
          IntStream.range(0, all.dataset().size())
              .filter(i -> (i % n == first) != others)
              .toArray();
      return some.length < ModelInputs.builtInBatch(inputs).orElse(1) ? all : all.subset(some);
    }
  }

  /** So many, evenly spread; all where there are not more. */
  record AtMost(int most) implements Pick {
    @Override
    public Samples of(Samples all, Map<String, ValueType> inputs) {
      int size = all.dataset().size();
      int some = Math.max(most, ModelInputs.builtInBatch(inputs).orElse(1));
      return size <= some
          ? all
          : all.subset(IntStream.range(0, some).map(i -> (int) ((long) i * size / some)).toArray());
    }
  }

  /** Those of some batches, one after the other. */
  record Batches(int from, int to, int batch) implements Pick {
    @Override
    public Samples of(Samples all, Map<String, ValueType> inputs) {
      return all.subset(
          IntStream.range(from * batch, Math.min(all.dataset().size(), to * batch)).toArray());
    }
  }
}
