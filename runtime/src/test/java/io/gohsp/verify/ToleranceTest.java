package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import io.gohsp.ort.Fixtures;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToleranceTest {
  @ParameterizedTest
  @CsvSource({
    "timm_vit_legacy_op17_unfused, float32",
    "timm_vit__fp16_keepio, float16",
    "timm_vit_native_fp16, float16",
    "timm_vit__int8_qdq, quantized activations",
    "hf_vit__int8_dynamic_perchannel, quantized activations",
    "timm_vit_deployed_uint8, float32",
  })
  void theCoarsestArithmeticDecides(String fixture, String expected) {
    assertThat(Tolerance.of(OnnxReader.read(Fixtures.model(fixture))).name()).isEqualTo(expected);
  }
}
