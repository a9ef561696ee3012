package io.gohsp.calibration;

import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says of samples which of their tokens count. */
public final class TokenWeights implements AutoCloseable {
  private final @Nullable OrtProgram program;
  private final String weights;

  /**
   * @param mask null if all tokens count
   */
  public TokenWeights(@Nullable TokenMask mask, OrtOptions options) {
    program = mask == null ? null : OrtProgram.compile("the mask", mask.model(), options);
    weights = mask == null ? "" : mask.weights();
  }

  /**
   * What {@link TokenMask#FED} is to be fed for some samples.
   *
   * @param inputs of the model, with all samples of a batch
   * @return FLOAT [batch, tokens]; null if all of them count
   */
  public @Nullable HostTensor of(Map<String, HostTensor> inputs) {
    if (program == null) {
      return null;
    }
    Map<String, HostTensor> feed = new LinkedHashMap<>(inputs);
    feed.keySet().retainAll(program.inputs().keySet());
    HostTensor result = Objects.requireNonNull(program.run(feed).get(weights));
    return HostTensor.ofFloats(result.dims(), result.floats());
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
  }
}
