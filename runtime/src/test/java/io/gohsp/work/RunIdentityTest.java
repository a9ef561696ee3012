package io.gohsp.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gohsp.plan.InvalidOption;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunIdentityTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          data: x; recipe: Recipe[epochs=1, seed=0] | data: x; recipe: Recipe[epochs=2, seed=0] | --epochs: 2 now, 1 then
          data: x; recipe: Recipe[seed=0]           | data: y; recipe: Recipe[seed=3]           | data: y now, x then; --seed: 3 now, 0 then
          goal: Goal[heads=null, floors=Floors[heads=1, headWidth=1]] | goal: Goal[heads=2, floors=Floors[heads=1, headWidth=4]] | --heads: 2 now, none then; --min-width: 4 now, 1 then
          before the cut: null; after the cut: Recipe[epochs=1, rate=2.0E-4] | before the cut: Recipe[epochs=1]; after the cut: Recipe[epochs=1, rate=0.001] | training before the cut (--soft-epochs): recipe now, none then; --lr: 0.001 now, 2.0E-4 then
          o: AdamW[beta1=0.9, weightDecay=0.1]; recipe: Recipe[schedule=COSINE] | o: Sgd[momentum=0.9, weightDecay=0.1]; recipe: Recipe[schedule=ONE_CYCLE] | o: sgd now, adam w then; --schedule: one cycle now, cosine then
          recipe: Recipe[epochs=1, stopAfter=1]     | recipe: Recipe[epochs=2, stopAfter=2]     | --epochs: 2 now, 1 then
          recipe: Recipe[epochs=2, stopAfter=1]     | recipe: Recipe[epochs=2, stopAfter=2]     | --stop-after: 2 now, 1 then
          goal: Goal[drop=1 points, least params, width=free] | goal: Goal[drop=null, width=free]  | --max-drop: none now, 1 points, least params then
          data: a [b; engine: x                     | data: a [b; engine: y                     | --engine: y now, x then
          data: x                                   | data: x; folders are numbered             | folders are numbered: given now, none then
          """)
  void saysWhichSettingsDiffer(String before, String now, String lines) {
    InvalidOption refused =
        catchThrowableOfType(
            InvalidOption.class, () -> RunIdentity.requireSame(Path.of("run"), before, now));

    assertThat(refused.problem()).startsWith("run is of another run; give another --work ");
    assertThat(refused.details()).containsExactly(lines.split("; "));
    assertThat(refused).hasMessageContaining(":\n  " + refused.details().get(0));
  }
}
