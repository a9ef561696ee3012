package io.gohsp.calibration;

import io.gohsp.autodiff.Loss;
import io.gohsp.data.Batch;
import io.gohsp.data.DataException;
import io.gohsp.data.SampleRandom;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Fills the target of a loss: with labels, or with random numbers of each sample's own. */
final class Targets {
  /** Marks these random numbers apart from those of epochs, which count from 0. */
  private static final long TARGETS = -2;

  private final Loss loss;
  private final long seed;
  private final Map<String, ValueType> inputs;

  /**
   * @param inputs of the model beside the target
   */
  Targets(Loss loss, long seed, Map<String, ValueType> inputs) {
    if (!(loss instanceof Loss.CrossEntropy
        || loss instanceof Loss.SampledCrossEntropy
        || loss instanceof Loss.Projection)) {
      throw new IllegalArgumentException("no target for " + loss + " comes from samples");
    }
    this.loss = loss;
    this.seed = seed;
    this.inputs = inputs;
  }

  /**
   * @param classes extent of the last axis of what the loss reads
   * @param tokens [batch, tokens], 0 for padding; null if there is none
   * @param first index of the first sample, where the batch is of a part of all of them
   */
  HostTensor of(
      Batch batch, ValueType target, long classes, @Nullable HostTensor tokens, int first) {
    long[] dims = dims((ValueType.TensorType) target, batch);
    if (loss instanceof Loss.CrossEntropy) {
      return labels(batch, dims, classes);
    }
    HostTensor random = random(batch, dims, first);
    if (loss instanceof Loss.Projection && tokens != null) {
      TokenWeights.leaveOut(random.bytes().asFloatBuffer(), random.dims(), tokens);
    }
    return random;
  }

  private static HostTensor labels(Batch batch, long[] dims, long classes) {
    if (dims.length != 1) {
      throw new ModelException.Unsupported(
          Location.UNKNOWN,
          "samples have one label each, but the output has classes for each of "
              + dims.length
              + " axes",
          "measure without labels");
    }
    long[] labels = new long[batch.rows()];
    for (int row = 0; row < batch.size(); row++) {
      labels[row] = batch.label(row);
      if (labels[row] < 0 || labels[row] >= classes) {
        throw new DataException(
            "data",
            labels[row] < 0
                ? "a sample has no label"
                : "a sample is of class " + labels[row] + ", the model knows " + classes,
            "use the data that the model was trained for, or measure without labels");
      }
    }
    return HostTensor.ofIntegers(ElementType.INT64, dims, labels);
  }

  private HostTensor random(Batch batch, long[] dims, int first) {
    HostTensor target = HostTensor.allocate(ElementType.FLOAT, dims);
    var numbers = target.bytes().asFloatBuffer();
    int each = batch.rows() == 0 ? 0 : target.size() / batch.rows();
    int[] indices = batch.indices();
    for (int row = 0; row < indices.length; row++) {
      SampleRandom random = new SampleRandom(seed, TARGETS, first + indices[row]);
      for (int i = 0; i < each; i++) {
        numbers.put((float) (loss instanceof Loss.Projection ? sign(random) : gumbel(random)));
      }
    }
    return target;
  }

  private static double sign(SampleRandom random) {
    return random.nextBoolean() ? 1 : -1;
  }

  /** {@code -log(-log u)}; u is kept from 0. */
  private static double gumbel(SampleRandom random) {
    double u = Math.max(random.nextDouble(), Double.MIN_NORMAL);
    return -StrictMath.log(-StrictMath.log(u));
  }

  /** Open extents are those of the samples. */
  private long[] dims(ValueType.TensorType target, Batch batch) {
    Map<String, Long> open = new HashMap<>();
    inputs.forEach(
        (name, type) -> {
          List<Dim> declared = type instanceof ValueType.TensorType t ? t.shape() : null;
          HostTensor fed = batch.inputs().get(name);
          for (int axis = 0; declared != null && fed != null && axis < declared.size(); axis++) {
            open.putIfAbsent(declared.get(axis).toString(), fed.dims()[axis]);
          }
        });
    List<Dim> shape = Objects.requireNonNull(target.shape());
    long[] dims = new long[shape.size()];
    for (int axis = 0; axis < dims.length; axis++) {
      Dim dim = shape.get(axis);
      Long extent =
          dim.isKnown()
              ? Long.valueOf(dim.value())
              : axis == 0 ? Long.valueOf(batch.rows()) : open.get(dim.toString());
      if (extent == null) {
        throw new ModelException.Unsupported(
            Location.UNKNOWN,
            "an extent of the output, " + dim + ", is only known when the model runs",
            "export with a fixed length");
      }
      dims[axis] = extent;
    }
    return dims;
  }
}
