package io.gohsp.branch;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.text.OnnxText;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BranchRemovalTest {
  @Test
  void branchesThatOneSumAddsGoTogether() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[2] x, float[2] a, float[2] b) => (float[2] y) {
              s = Sum(a, x, b)
              y = Neg(s)
            }
            """);
    Node sum = model.graph().nodes().get(0);
    List<Joint> joints = List.of(new Joint(sum, 0, null, null), new Joint(sum, 2, null, null));

    BranchRemoval.run(new BranchExit(null, joints, Set.of()));

    assertThat(model.graph().nodes().get(1).input(0)).isSameAs(model.graph().inputs().get(0));
  }
}
