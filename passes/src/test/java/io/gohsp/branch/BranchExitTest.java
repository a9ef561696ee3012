package io.gohsp.branch;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Model;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.text.GraphAssert;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Shapes that are read off a branch, as where windows are put together again. */
class BranchExitTest {
  private static BranchExit exit(String tail) {
    Model model =
        GraphAssert.parse(
            """
            g (float[batch,6,4] x) => (float[batch,6,4] y)
            <float[4,8] w = range, float[8,4] o = range, int64[1] last = {2}, int64[1] tokens = {6},
             int64[1] inferred = {-1}> {
              h = MatMul(x, w)
              r = MatMul(h, o)
              s = Shape(r)
              c = Gather(s, last)
              t = Concat<axis = 0>(inferred, tokens, c)
            %s
            }
            """
                .formatted(tail));
    ShapeFacts facts = ShapeInference.of(model);
    AxisAnalysis analysis = AxisAnalysis.of(model, facts);
    Contraction output =
        analysis.contractions().stream()
            .filter(contraction -> contraction.node().output().name().equals("r"))
            .findFirst()
            .orElseThrow();
    return BranchExit.of(List.of(output), analysis, facts);
  }

  @Test
  void goWithItWhereItAloneIsRegrouped() {
    BranchExit exit = exit("z = Reshape(r, t)\ny = Add(x, z)");
    assertThat(exit.obstacle()).isNull();
    assertThat(exit.joints()).hasSize(1);
  }

  @Test
  void keepItWhereTheStreamIsRegrouped() {
    for (String tail :
        List.of(
            "z = Reshape(x, t)\ny = Add(z, r)",
            "f = Cast<to = 1>(c)\nz = Mul(x, f)\ny = Add(z, r)",
            "f = Cast<to = 1>(c)\nz = Add(x, r)\ny = Mul(z, f)")) {
      Fixed obstacle = Objects.requireNonNull(exit(tail).obstacle(), tail);
      assertThat(obstacle.reason()).as(tail).isEqualTo("takes shapes or indices from the branch");
    }
  }
}
