package io.gohsp.verify;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType.TensorType;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Extents of the inputs in the user's data, for axes that the model leaves open or names wrongly.
 * The first axis is that of samples, of which there may be any number.
 *
 * @param samples by input the extents of one sample; empty where there are no data
 */
public record DataShapes(Map<String, List<Long>> samples) {
  /** There are no data. */
  public static final DataShapes NONE = new DataShapes(Map.of());

  public DataShapes {
    samples = Collections.unmodifiableMap(new LinkedHashMap<>(samples));
  }

  /** Those of the first of some batches. */
  public static DataShapes of(List<GivenSamples> given) {
    Map<String, List<Long>> samples = new LinkedHashMap<>();
    if (!given.isEmpty()) {
      given
          .get(0)
          .inputs()
          .forEach(
              (input, tensor) ->
                  samples.put(input, Arrays.stream(tensor.dims()).skip(1).boxed().toList()));
    }
    return new DataShapes(samples);
  }

  /** The size of an axis; null where the data do not say it, as of the number of samples. */
  @Nullable Long size(String input, int axis) {
    List<Long> sample = samples.get(input);
    return axis == 0 || sample == null || axis > sample.size() ? null : sample.get(axis - 1);
  }

  /** Whether an axis is that along which samples are stacked. */
  boolean isOfSamples(String input, int axis) {
    return axis == 0 && samples.containsKey(input);
  }

  /** Symbols that stand for several sizes at once: each of their axes is one of its own. */
  Set<String> several(Map<String, TensorType> inputs) {
    Map<String, Set<Long>> seen = new LinkedHashMap<>();
    inputs.forEach(
        (input, type) -> {
          List<Dim> shape = type.shape() == null ? List.of() : type.shape();
          for (int axis = 0; axis < shape.size(); axis++) {
            String symbol = shape.get(axis).symbol();
            Long size = isOfSamples(input, axis) ? Long.valueOf(-1) : size(input, axis);
            if (symbol != null && size != null) {
              seen.computeIfAbsent(symbol, s -> new LinkedHashSet<>()).add(size);
            }
          }
        });
    seen.values().removeIf(sizes -> sizes.size() < 2);
    return seen.keySet();
  }
}
