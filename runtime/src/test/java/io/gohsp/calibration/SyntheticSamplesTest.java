package io.gohsp.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.data.LastBatch;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Made-up texts are whole: no padding, one segment, many different tokens. */
class SyntheticSamplesTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);

  private static void forEach(Model model, Consumer<Map<String, HostTensor>> consumer) {
    Objects.requireNonNull(SyntheticSamples.calibration(model, 6, 2, OPTIONS, 1))
        .forEach(model, Set.of(), LastBatch.DROP, batch -> consumer.accept(batch.inputs()));
  }

  /** Masks that are numbers, truths of either sense, and lengths. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf_bert_eager_legacy",
        "hf_bert__fused_bert",
        "hf_distilbert_dynamo",
        "hf_bert_static",
        "nn_encoder_padmask",
        "rep_bert4",
        "rep_bert4__fused_bert"
      })
  void allTokensCount(String name) {
    Model model = Fixture.of(name).model();
    TokenMask mask = TokenMask.find(model).orElseThrow();
    try (TokenWeights weights = new TokenWeights(mask, OPTIONS)) {
      forEach(
          model,
          inputs -> {
            float[] counted = Objects.requireNonNull(weights.of(inputs)).floats();
            assertThat(counted).hasSizeGreaterThan(2).containsOnly(1f);
          });
    }
  }

  @Test
  void textsAreNoPairs() {
    Model model = Fixture.of("rep_bert4").model();
    assertThat(model.graph().inputs()).anyMatch(input -> input.name().equals("token_type_ids"));
    forEach(
        model,
        inputs -> {
          assertThat(longs(inputs, "token_type_ids")).containsOnly(0);
          long[] tokens = longs(inputs, "input_ids");
          assertThat(Arrays.stream(tokens).distinct().count()).isGreaterThan(tokens.length / 2);
        });
  }

  private static long[] longs(Map<String, HostTensor> inputs, String name) {
    return Objects.requireNonNull(inputs.get(name)).longs();
  }
}
