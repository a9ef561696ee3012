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
        "recipe: Recipe[stopAfter=8, schedule=COSINE, crop=null] | recipe: stop after 8, schedule cosine, crop none",
        "recipe: Recipe[optimizer=AdamW[beta1=0.9, decay=0.05], seed=0] | recipe: optimizer AdamW (beta1 0.9, decay 0.05), seed 0",
        "run: OrtOptions[dims={}, mean=[0.5, 0.4]] | run: dims none, mean 0.5 0.4",
        "verification: Verification[sizes={batch=2, length=3}] | verification: sizes batch=2 length=3",
        "align null, excluded [], Floors[heads=1] | align null, excluded none, floors (heads 1)",
        "preparation: Preparation[height=8, origin=] | preparation: height 8",
        "recovery: RecoverySettings[ridges=[0.1, Infinity]] | recovery: ridges 0.1 infinite",
        "recipe: Recipe[epochs=8, steps=50, seed=0] | recipe: epochs 8, steps 50, seed 0",
        "updates: 100 | updates: 100",
        "allocation: KNAPSACK | allocation: knapsack",
        "align: null | align: none",
        "data a [folder, with a comma | data a [folder, with a comma",
      })
  void recordsAreReadAsWords(String setting, String words) {
    assertThat(ReadableSettings.of(setting)).containsExactly(words);
  }

  @Test
  void theNumberOfUpdatesStandsForAllThatItOverrides() {
    String recipe = "recipe: Recipe[epochs=8, stopAfter=8, epochSize=0, steps=0, batch=32, seed=0]";

    assertThat(ReadableSettings.of(recipe + "; updates: 50"))
        .containsExactly("recipe: batch 32, seed 0", "updates: 50");
  }

  @Test
  void aLineForEachPart() {
    assertThat(ReadableSettings.of("a; b: Be[c=d; e]; f")).containsExactly("a", "b: c d; e", "f");
  }
}
