package io.gohsp.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadableSettingsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Recipe[stopAfter=8, schedule=COSINE, crop=null] | recipe: stop after 8, schedule cosine, crop none",
        "Recipe[optimizer=AdamW[beta1=0.9, decay=0.05], seed=0] | recipe: optimizer AdamW (beta1 0.9, decay 0.05), seed 0",
        "OrtOptions[dims={}, mean=[0.5, 0.4]] | ort options: dims none, mean 0.5 0.4",
        "Verification[sizes={batch=2, length=3}] | verification: sizes batch=2 length=3",
        "align null, excluded [], Floors[heads=1] | align null, excluded none, floors (heads 1)",
        "100 updates | 100 updates",
        "data a [folder, with a comma | data a [folder, with a comma",
      })
  void recordsAreReadAsWords(String setting, String words) {
    assertThat(ReadableSettings.of(setting)).containsExactly(words);
  }

  @Test
  void aLineForEachPart() {
    assertThat(ReadableSettings.of("a; Be[c=d; e]; f")).containsExactly("a", "be: c d; e", "f");
  }
}
