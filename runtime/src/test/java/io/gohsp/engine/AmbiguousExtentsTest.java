package io.gohsp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AmbiguousExtentsTest {
  /** Some exporters call all open axes alike: [batch, batch] for texts of any length. */
  @Test
  void twoExtentsOfOneName() {
    Fixture fixture = Fixture.of("hf_bert_eager_legacy");
    Model model = fixture.model();
    for (Value input : model.graph().inputs()) {
      TensorType type = (TensorType) Objects.requireNonNull(input.type());
      input.setType(new TensorType(type.element(), List.of(Dim.of("batch"), Dim.of("batch"))));
    }
    OrtOptions options = OrtOptions.VERIFY.withThreads(1);
    try (OrtProgram program = OrtProgram.compile(fixture.model(), options);
        Engine.Executable executable =
            new OrtEngine(options).compile("the model", model, Map.of(), Map.of())) {
      Map<String, HostTensor> inputs = fixture.inputs(program);
      Map<String, HostTensor> expected = program.run(inputs);
      Map<String, HostTensor> actual = executable.run(inputs);
      assertThat(actual).containsOnlyKeys(expected.keySet());
      expected.forEach(
          (name, output) -> {
            HostTensor found = Objects.requireNonNull(actual.get(name));
            assertThat(found.dims()).containsExactly(output.dims());
            assertThat(found.floats()).containsExactly(output.floats());
          });
    }
  }
}
