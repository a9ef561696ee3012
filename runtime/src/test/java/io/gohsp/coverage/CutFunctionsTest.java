package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Fixture;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.prune.CutComparison;
import org.junit.jupiter.api.Test;

/** What a cut computes may lie in local functions, which are compared like the rest. */
class CutFunctionsTest {
  /** Functions of blocks that lose something are inlined; of others they stay. */
  private static Model whole() {
    return Fixture.of("timm_vit__functions_shared").model();
  }

  private static Node softmax(Model model) {
    return model.functions().stream()
        .map(Function::body)
        .flatMap(body -> body.nodes().stream())
        .filter(node -> node.is("Softmax"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anAttributeInAFunctionIsSeen() throws Exception {
    Model read = OnnxReader.read(OnnxWriter.toBytes(whole()), null);
    assertThat(CutComparison.of(whole(), read).isSame()).isTrue();

    softmax(read).setAttribute(Attribute.of("axis", 2L));

    CutComparison comparison = CutComparison.of(whole(), read);
    assertThat(comparison.isSame()).isFalse();
    assertThat(comparison.otherAttribute()).contains("axis");
  }
}
