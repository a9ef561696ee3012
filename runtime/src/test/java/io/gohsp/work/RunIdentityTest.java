package io.gohsp.work;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
          a; Recipe[epochs=1, seed=0]; b   | a; Recipe[epochs=2, seed=0]; b   | begun with epochs=1, this one has epochs=2;
          a; Recipe[epochs=1, seed=0]; b   | c; Recipe[epochs=1, seed=3]; b   | begun with a, seed=0, this one has c, seed=3;
          a; Recipe[by=[x=1, y=2], z=3]; b | a; Recipe[by=[x=1, y=4], z=3]; b | begun with y=2, this one has y=4;
          a; Floors[heads=1, width=1]; b   | a; Floors[heads=1, width=2]; b   | begun with width=1, this one has width=2;
          a; OrtOptions[dims={}]; b        | a; OrtOptions[dims={n=1}]; b     | has OrtOptions[dims={n=1};
          a; data x; b                     | a; data x, y; b                  | begun with data x, this one has data x, y;
          a                                | a; b                             | begun with [a], this one is [a; b];
          """)
  void saysWhichSettingsDiffer(String before, String now, String message) {
    assertThatThrownBy(() -> RunIdentity.requireSame(Path.of("run"), before, now))
        .isInstanceOf(InvalidOption.class)
        .hasMessageStartingWith("run is of another run; it was begun with ")
        .hasMessageContaining(message);
  }
}
