package io.gohsp.calibration;

import io.gohsp.axis.Contraction;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.NamedArrays;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.linear.LinearLayer;
import io.gohsp.linear.SampledRows;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.shape.OpenExtents;
import io.gohsp.shape.Size;
import io.gohsp.vit.Block;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How many samples do for what is a mean over samples, or over tokens, and nothing is regressed on:
 * squares of gradients, similarities of heads, divergences of outputs. The mean of n squares of
 * about normal numbers is off by {@code √(2/n)}, an eighth with {@link #SAMPLES}, where a plan
 * chooses between losses that differ by factors; and samples of many tokens say more each. Four
 * times as many tokens choose no better (docs/PERFORMANCE.md).
 */
public final class EnoughSamples {
  /** At least. */
  private static final int SAMPLES = 128;

  /** Of every block, at least, unless there are fewer. */
  private static final int TOKENS = 4_096;

  /** Of what layers are told apart by, at least: the tokens of one image are much alike. */
  private static final int VARIED = 256;

  /** Tokens whose gradients are computed in one run, as long as that is several samples. */
  private static final int AT_ONCE = 512;

  private EnoughSamples() {}

  /**
   * Enough of the samples, evenly spread; all of them where a sample's number of tokens is known
   * neither from the model nor from the samples' extents.
   */
  public static Calibration of(WorkingModel working, Calibration calibration) {
    return of(working, calibration, SAMPLES);
  }

  /** Likewise for how the inputs of layers vary together, of which {@link SampledRows} are seen. */
  public static Calibration varied(WorkingModel working, Calibration calibration) {
    return of(working, calibration, VARIED);
  }

  /** Likewise for gradients, of few tokens in a run: its memory holds all of their activations. */
  public static Calibration forGradients(WorkingModel working, Calibration calibration) {
    long tokens = tokens(working, calibration);
    int together = tokens == 0 ? calibration.batch() : (int) Math.max(1, AT_ONCE / tokens);
    return of(working, calibration).inBatchesOf(together);
  }

  private static Calibration of(WorkingModel working, Calibration calibration, int least) {
    long tokens = tokens(working, calibration);
    return tokens == 0
        ? calibration
        : calibration.atMost(Math.toIntExact(Math.max(least, (TOKENS + tokens - 1) / tokens)));
  }

  private static Stream<Contraction> outputs(Block block) {
    return Stream.concat(
        block.attention() == null ? Stream.of() : block.attention().outputs().stream(),
        block.mlp() == null ? Stream.of() : block.mlp().outputs().stream());
  }

  /** Of a sample, where blocks have fewest; 0 if not known. */
  private static long tokens(WorkingModel working, Calibration calibration) {
    Map<String, Long> symbols = symbols(working, calibration);
    return working.blocks().stream()
        .flatMap(EnoughSamples::outputs)
        .mapToLong(output -> tokens(working, output, symbols))
        .min()
        .orElse(0);
  }

  /** What is open in the model, for one sample. */
  private static Map<String, Long> symbols(WorkingModel working, Calibration calibration) {
    Map<String, List<Size>> declared = new HashMap<>();
    for (Value input : working.model().graph().inputs()) {
      List<Size> shape = working.facts().shape(input);
      if (shape != null) {
        declared.put(input.name(), shape);
      }
    }
    Map<String, long[]> given = new HashMap<>();
    for (NamedArrays.Field field :
        calibration.samples().apply(ModelInputs.of(working.model())).inputs()) {
      given.put(
          field.name(),
          LongStream.concat(LongStream.of(1), field.dims().stream().mapToLong(n -> n)).toArray());
    }
    return OpenExtents.of(declared, given);
  }

  /** At a layer, for each sample, whose rows may be folded into its axes; 0 if not known. */
  private static long tokens(WorkingModel working, Contraction output, Map<String, Long> symbols) {
    List<Size> in = working.facts().shape(working.model().graph().inputs().get(0));
    List<Size> out = working.facts().shape(output.node().output(0));
    if (in == null || in.isEmpty() || out == null) {
      return 0;
    }
    try {
      Size each = in.get(0).times(Size.of(LinearLayer.of(output.node()).outputs()));
      Size tokens = out.stream().reduce(Size.ONE, Size::times).dividedBy(each);
      return tokens == null ? 0 : tokens.evaluate(symbols).orElse(0);
    } catch (ModelException.Unsupported quantisedOrFused) {
      return 0;
    }
  }
}
