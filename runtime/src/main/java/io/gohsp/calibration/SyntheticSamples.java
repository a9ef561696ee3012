package io.gohsp.calibration;

import io.gohsp.data.ModelInputs;
import io.gohsp.data.NamedArrays;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.ElementType;
import io.gohsp.verify.SampleInputs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Samples where there are none: random numbers as {@link SampleInputs} makes them, single texts of
 * tokens from all of the vocabulary, without padding, and pictures of noise. What a model makes of
 * its own tables and weights is in them, what the world puts together is not.
 */
public final class SyntheticSamples implements NamedArrays {
  /** Tokens of a text, where the model takes as many: positions matter, and so does attention. */
  private static final long LENGTH = 32;

  private final List<Field> fields = new ArrayList<>();

  /** By sample, then by field. */
  private final List<List<ByteBuffer>> rows = new ArrayList<>();

  private SyntheticSamples(List<Map<String, HostTensor>> batches, int batch) {
    batches
        .get(0)
        .forEach((name, tensor) -> fields.add(new Field(name, tensor.type(), rowDims(tensor))));
    for (Map<String, HostTensor> some : batches) {
      for (int row = 0; row < batch; row++) {
        List<ByteBuffer> own = new ArrayList<>();
        for (Field field : fields) {
          ByteBuffer all = some.get(field.name()).bytes().asReadOnlyBuffer();
          own.add(all.slice(row * field.bytes(), field.bytes()));
        }
        rows.add(own);
      }
    }
  }

  /**
   * Samples for a model, ready to be measured on.
   *
   * @param count how many at least
   * @return null if its inputs are not samples side by side: their first extents differ, or some
   *     are single numbers or texts
   * @throws io.gohsp.ir.ModelException if the model does not run on random inputs
   */
  public static @Nullable Calibration calibration(
      Model model, int count, int batch, OrtOptions options, long seed) {
    SyntheticSamples samples = of(model, count, options, seed);
    return samples == null
        ? null
        : new Calibration(inputs -> Samples.of(samples, inputs), batch, options, seed);
  }

  private static @Nullable SyntheticSamples of(
      Model model, int count, OrtOptions options, long seed) {
    OptionalInt builtIn = ModelInputs.builtInBatch(ModelInputs.of(model));
    try (OrtProgram program = OrtProgram.compile("the model", model, options)) {
      SampleInputs inputs = SampleInputs.find(model, program, Map.of(), seed);
      if (builtIn.isEmpty() && !inputs.hasSymbolicBatch()) {
        return null;
      }
      int batch = builtIn.orElse(1);
      SampleInputs one = whole(model, inputs.withBatch(batch).withLength(LENGTH, program), options);
      List<Map<String, HostTensor>> batches = new ArrayList<>();
      for (int i = 0; i * batch < count; i++) {
        Map<String, HostTensor> sample = new LinkedHashMap<>(one.sample(i));
        if (!sample.values().stream().allMatch(tensor -> isBatch(tensor, batch))) {
          return null;
        }
        batches.add(sample);
      }
      return batches.get(0).isEmpty() ? null : new SyntheticSamples(batches, batch);
    }
  }

  /**
   * Texts in which all tokens count: half of them would say half as much. Masks may be of either
   * sense, or be lengths; what they mean is read off the model.
   */
  private static SampleInputs whole(Model model, SampleInputs inputs, OrtOptions options) {
    SampleInputs single = inputs.withoutPairs();
    TokenMask mask = TokenMask.find(model).orElse(null);
    if (mask == null) {
      return single;
    }
    try (TokenWeights weights = new TokenWeights(mask, options)) {
      long tokens = counted(weights, single).length;
      return LongStream.of(1, 0, tokens)
          .mapToObj(single::withMasks)
          .filter(masked -> Arrays.equals(counted(weights, masked), ones(tokens)))
          .findFirst()
          .orElse(single);
    }
  }

  /** Of the first sample's first text. */
  private static float[] counted(TokenWeights weights, SampleInputs inputs) {
    HostTensor all = Objects.requireNonNull(weights.of(inputs.sample(0)));
    return Arrays.copyOf(all.floats(), Math.toIntExact(all.dims()[1]));
  }

  private static float[] ones(long count) {
    float[] ones = new float[Math.toIntExact(count)];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static boolean isBatch(HostTensor tensor, int batch) {
    long[] dims = tensor.dims();
    return dims.length > 0 && dims[0] == batch && tensor.type() != ElementType.STRING;
  }

  private static List<Integer> rowDims(HostTensor tensor) {
    List<Integer> dims = new ArrayList<>();
    for (int axis = 1; axis < tensor.dims().length; axis++) {
      dims.add(Math.toIntExact(tensor.dims()[axis]));
    }
    return dims;
  }

  @Override
  public List<Field> fields() {
    return List.copyOf(fields);
  }

  @Override
  public ByteBuffer row(int index, int field) {
    return rows.get(index).get(field).duplicate().order(java.nio.ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public boolean isLabelled() {
    return false;
  }

  @Override
  public int label(int index) {
    throw new IllegalStateException("random samples are of no class");
  }

  @Override
  public List<String> classes() {
    return List.of();
  }

  @Override
  public String name(int index) {
    return "random sample " + index;
  }
}
