package io.gohsp.soft;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReadOutsTest {
  @Test
  void areTheSecondLayers() {
    WorkingModel working = WorkingModel.normalized(Digits.model());
    assertThat(ReadOuts.of(working))
        .extracting(Value::name)
        .containsExactly(
            "blocks.0.attn.proj.weight",
            "blocks.0.mlp.fc2.weight",
            "blocks.1.attn.proj.weight",
            "blocks.1.mlp.fc2.weight");
  }

  static Stream<String> fixtures() {
    return Fixture.all().stream()
        .map(Fixture::name)
        .filter(name -> !name.contains("int4")); // packed integers are no weights to train
  }

  /** Whatever exporters make of them: one for each part, more where weights are tied. */
  @ParameterizedTest
  @MethodSource("fixtures")
  void everyPartHasThem(String name) {
    WorkingModel working = WorkingModel.normalized(Fixture.of(name).model());
    long parts =
        working.blocks().stream()
            .mapToInt(b -> (b.attention() == null ? 0 : 1) + (b.mlp() == null ? 0 : 1))
            .sum();
    assertThat(ReadOuts.of(working).size()).isBetween(parts == 0 ? 0 : 1, (int) (2 * parts));
  }
}
