package io.gohsp.train;

import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes from what a model says what it says about padding: nobody is to learn it. */
final class Padding implements AutoCloseable {
  private final Engine.@Nullable Executable program;
  private final @Nullable Model model;
  private final String weights;

  /**
   * @param mask null if all tokens count
   */
  Padding(@Nullable TokenMask mask, Engine engine) {
    program = mask == null ? null : engine.compile("the mask", mask.model(), Map.of(), Map.of());
    weights = mask == null ? "" : mask.weights();
    model = mask == null ? null : mask.model();
  }

  /** Whether there may be any. */
  boolean isPossible() {
    return program != null;
  }

  /**
   * The same outputs with NaN at padding, where they are token by token.
   *
   * @param outputs real numbers
   * @param fed what the model was fed
   */
  Map<String, HostTensor> blanked(Map<String, HostTensor> outputs, Map<String, HostTensor> fed) {
    if (program == null) {
      return outputs;
    }
    Map<String, HostTensor> needed = new LinkedHashMap<>();
    Objects.requireNonNull(model)
        .graph()
        .inputs()
        .forEach(
            input -> {
              HostTensor given = fed.get(input.name());
              if (given != null) {
                needed.put(input.name(), given);
              }
            });
    HostTensor result = Objects.requireNonNull(program.run(needed).get(weights));
    float[] counts = result.floats();
    long[] tokens = result.dims();
    Map<String, HostTensor> all = new LinkedHashMap<>();
    outputs.forEach((name, output) -> all.put(name, blanked(output, tokens, counts)));
    return all;
  }

  private static HostTensor blanked(HostTensor output, long[] tokens, float[] counts) {
    long[] dims = output.dims();
    if (!output.type().isFloating()
        || dims.length < 2
        || dims[0] != tokens[0]
        || dims[1] != tokens[1]) {
      return output;
    }
    float[] numbers = output.floats();
    int each = numbers.length / counts.length;
    for (int i = 0; i < numbers.length; i++) {
      if (counts[i / each] == 0) {
        numbers[i] = Float.NaN;
      }
    }
    return HostTensor.ofFloats(output.type(), dims, numbers);
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
  }
}
