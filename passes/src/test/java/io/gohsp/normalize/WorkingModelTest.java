package io.gohsp.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.FixtureNames;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.Traversal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The copy that is analysed. */
class WorkingModelTest {
  static List<String> fixtures() {
    return FixtureNames.sample("WorkingModelTest");
  }

  /**
   * What normalisation leaves without readers is gone: it would count as a reader of what a block
   * computes, and no budget would see that it falls away with the block.
   */
  @ParameterizedTest
  @MethodSource("fixtures")
  void leavesNothingUnread(String fixture) {
    Model original = OnnxReader.read(FixtureNames.ROOT.resolve(fixture).resolve("model.onnx"));
    Model normalized = WorkingModel.normalized(original).model();
    Set<String> before = RemoveUnused.unused(original);
    assertThat(Traversal.nodesWithin(normalized.graph()))
        .noneMatch(
            node ->
                node.presentOutputs()
                    .allMatch(output -> !output.isUsed() && !before.contains(output.name())));
  }
}
