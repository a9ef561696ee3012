package io.gohsp.bench;

import io.gohsp.autodiff.Loss;
import io.gohsp.ir.Model;
import io.gohsp.ort.Device;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.InvalidOption;
import io.gohsp.tensor.ElementType;
import io.gohsp.verify.SampleInputs;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;

/**
 * One batch of random inputs and the shapes of what a model makes of it: all that is needed to
 * train it for the clock. The same numbers always.
 */
public final class RandomBatch {
  private final long size;
  private final Device device;
  private final Map<String, HostTensor> inputs;
  private final Map<String, long[]> outputs;

  private RandomBatch(
      long size, Device device, Map<String, HostTensor> inputs, Map<String, long[]> outputs) {
    this.size = size;
    this.device = device;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * Runs a model forward once to learn its shapes.
   *
   * @param sizes of symbolic dimensions that are known
   * @param batch samples wanted; 1 if empty and the model leaves it open
   * @throws InvalidOption if a batch is wanted and the model has its own built in
   * @throws io.gohsp.ir.ModelException if the model does not run
   */
  public static RandomBatch of(
      Model model, Map<String, Long> sizes, OptionalLong batch, OrtOptions options) {
    // Nothing that pays off from the third run, and no memory that the training would not need.
    try (OrtProgram program = OrtProgram.compile(model, options.withPrepack(false))) {
      SampleInputs samples = SampleInputs.find(model, program, sizes, 0);
      if (batch.isPresent() && !samples.hasSymbolicBatch()) {
        throw new InvalidOption(
            "--batch has no effect: the batch of %s is built in; leave it out"
                .formatted(program.source() == null ? program.name() : program.source()));
      }
      Map<String, HostTensor> inputs = samples.withBatch(batch.orElse(1)).sample(0);
      Map<String, long[]> outputs = new LinkedHashMap<>();
      program.run(inputs).forEach((name, output) -> outputs.put(name, output.dims()));
      long size = samples.hasSymbolicBatch() ? batch.orElse(1) : LatencyProbe.builtIn(inputs);
      return new RandomBatch(size, program.device(), inputs, outputs);
    }
  }

  /** Samples in it. */
  public long size() {
    return size;
  }

  /** Where the model ran. */
  public Device device() {
    return device;
  }

  /** By the names of the model's inputs. */
  Map<String, HostTensor> inputs() {
    return inputs;
  }

  /** Random labels where a loss compares with labels, numbers of the normal distribution else. */
  HostTensor target(Loss loss) {
    Random random = new Random(0);
    long[] dims = Objects.requireNonNull(outputs.get(loss.value().name()));
    if (!(loss instanceof Loss.CrossEntropy)) {
      float[] values =
          new float[Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact))];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return HostTensor.ofFloats(dims, values);
    }
    int classes = Math.toIntExact(dims[dims.length - 1]);
    HostTensor labels =
        HostTensor.allocate(ElementType.INT64, Arrays.copyOf(dims, dims.length - 1));
    for (int i = 0; i < labels.size(); i++) {
      labels.bytes().asLongBuffer().put(i, random.nextInt(classes));
    }
    return labels;
  }
}
