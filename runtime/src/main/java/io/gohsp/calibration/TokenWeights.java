package io.gohsp.calibration;

import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import java.nio.FloatBuffer;
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

  /**
   * Puts zeroes where numbers are of padding; where they are not token by token, nothing.
   *
   * @param dims theirs, of a tensor [batch, tokens, ..] perhaps
   * @param tokens as {@link #of} returns them
   */
  public static void leaveOut(FloatBuffer numbers, long[] dims, HostTensor tokens) {
    float[] counts = tokens.floats();
    if (dims.length < 2 || dims[0] != tokens.dims()[0] || dims[1] != tokens.dims()[1]) {
      return;
    }
    int each = numbers.limit() / Math.max(1, counts.length);
    for (int i = 0; i < numbers.limit(); i++) {
      if (counts[i / each] == 0) {
        numbers.put(i, 0);
      }
    }
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
  }
}
