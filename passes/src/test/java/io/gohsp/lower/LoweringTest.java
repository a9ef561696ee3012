package io.gohsp.lower;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Forms of operators that the fixtures do not have; the fixtures are lowered by gradient tests. */
class LoweringTest {
  private static List<String> types(String network, int opset) {
    return lowered(network, opset).graph().nodes().stream().map(node -> node.op().type()).toList();
  }

  private static Model lowered(String network, int opset) {
    String[] parts = network.split("\\|", 2);
    Model model =
        OnnxText.parse(
            "<ir_version: 8, opset_import: [\"\" : "
                + opset
                + ", \"com.microsoft\" : 1]>\ng ("
                + parts[0]
                + ") => (float[] y)\n{\n"
                + parts[1].replace(";", "\n")
                + "\n}");
    return Lowering.of(model).model();
  }

  @Test
  void softmaxOverSeveralAxesIsFlattened() {
    assertThat(types("float[2,3,4] x | y = Softmax<axis = 1>(x)", 11))
        .containsExactly("Flatten", "Shape", "Softmax", "Reshape");
    assertThat(types("float[2,3,4] x | y = Softmax<axis = 2>(x)", 11)).containsExactly("Softmax");
  }

  @Test
  void attributesBecomeOperands() {
    Model model = lowered("float[2,3,4] x | t = ReduceMean<axes = [1]>(x); y = Exp(t)", 13);
    Node mean = model.graph().nodes().get(0);
    assertThat(mean.intsAttribute("axes")).isNull();
    assertThat(mean.input(1).constant().longs()).containsExactly(1);
    assertThat(model.opset()).isEqualTo(OperatorSetUpgrade.VERSION);
  }

  @Test
  void newerOperatorSetsStay() {
    assertThat(lowered("float[2,3] x | y = Exp(x)", 23).opset()).isEqualTo(23);
  }

  @Test
  void tooOldIsRefused() {
    assertThatThrownBy(() -> lowered("float[2,3] x | y = Exp(x)", 9))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("operator set 9");
  }

  @Test
  void onlyTilingConvolutionsBecomeProducts() {
    String tiles = "float[2,3,8,8] x, float[5,3,4,4] w | y = Conv<strides = [4,4]>(x, w)";
    assertThat(types(tiles, 17)).contains("Gemm").doesNotContain("Conv");
    String overlaps = "float[2,3,8,8] x, float[5,3,4,4] w | y = Conv<strides = [2,2]>(x, w)";
    assertThat(types(overlaps, 17)).containsExactly("Conv");
    String leavesOver = "float[2,3,9,8] x, float[5,3,4,4] w | y = Conv<strides = [4,4]>(x, w)";
    assertThat(types(leavesOver, 17)).containsExactly("Conv");
  }

  @Test
  void cachesAreRefusedWithTheWayOut() {
    assertThatThrownBy(
            () ->
                lowered(
                    "float[2,3,8] x, float[8,24] w, float[24] b, float[2,2,2,4,4] past"
                        + " | y, now = com.microsoft.Attention<num_heads = 2>(x, w, b, , past)",
                    17))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("past")
        .hasMessageContaining("export");
  }

  @Test
  void aCountOfKeysIsRefusedAsWhatItIs() {
    assertThatThrownBy(
            () -> lowered("float[2,2,3,4] x, int64[2] n | y = Attention(x, x, x, , , , n)", 24))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("nonpad_kv_seqlen (input 6) is not supported")
        .hasMessageNotContaining("past");
  }

  /** Of an operator without a rule nothing else is known. */
  @Test
  void declaredExtentsStayKnown() {
    Model lowered =
        Lowering.of(
                OnnxText.parse(
                    """
                    <ir_version: 8, opset_import: ["" : 17, "other" : 1]>
                    g (float16[N] x) => (float16[N,4] y) <float16[N,3] h> {
                      h = other.Op(x)
                      y = other.Op(h)
                    }
                    """))
            .model();
    ShapeFacts facts = ShapeInference.of(lowered);
    Value y = lowered.graph().outputs().get(0);
    Value h = y.producer().orElseThrow().input(0);
    assertThat(facts.shape(h)).hasToString("[N, 3]");
    assertThat(facts.type(h)).isEqualTo(ElementType.FLOAT);
    assertThat(facts.shape(y)).hasToString("[N, 4]");
    assertThat(lowered.graph().declared()).isEmpty();
  }

  /** The first axis holds the samples: as many as are fed, whatever the exporter saw. */
  @Test
  void aDeclaredNumberOfSamplesIsForgotten() {
    Model lowered =
        Lowering.of(
                OnnxText.parse(
                    """
                    <ir_version: 8, opset_import: ["" : 17, "other" : 1]>
                    g (float[N,3] x) => (float[1,4] y) { y = other.Op(x) }
                    """))
            .model();
    assertThat(ShapeInference.of(lowered).shape(lowered.graph().outputs().get(0)))
        .hasToString("[y#0, 4]");
  }

  /** They may be those of the batch that an exporter traced; names are of whatever is fed. */
  @Test
  void declaredNumbersAreForgottenWhereOperatorsTellTheRank() {
    Model lowered =
        Lowering.of(
                OnnxText.parse(
                    """
                    <ir_version: 8, opset_import: ["" : 17]>
                    g (float[b,3] x, int64[2] t) => (float[1,3] y) <float[n,3] h> {
                      h = Reshape(x, t)
                      y = Slice(h, t, t)
                    }
                    """))
            .model();
    Value y = lowered.graph().outputs().get(0);
    Value h = y.producer().orElseThrow().input(0);
    assertThat(y.type()).isNull();
    assertThat(ShapeInference.of(lowered).shape(h)).hasToString("[n, h#1]");
    assertThat(ShapeInference.of(lowered).shape(y)).hasToString("[y#0, y#1]");
  }

  private static Model choice(String other) {
    return Lowering.of(
            OnnxText.parse(
                """
                <ir_version: 8, opset_import: ["" : 17]>
                g (bool[1] c, float[2,3] x) => (float[N,3] y)
                {
                  y = If(c) <
                    then_branch = yes () => (float[2,3] a)
                      <float[3] w = {1.0, 2.0, 3.0}>
                    {
                      a = Mul(x, w)
                    },
                    else_branch = no () => (float[M,3] b)
                    {
                      %s
                    }
                  >
                }
                """
                    .formatted(other)))
        .model();
  }

  @Test
  void bothBranchesAreComputedIfTheyReturnTheSameShape() {
    assertThat(choice("b = Exp(x)").graph().nodes())
        .extracting(node -> node.op().type())
        .containsExactlyInAnyOrder("Mul", "Exp", "Reshape", "Where");
    assertThat(choice("b = Concat<axis = 0>(x, x)").graph().nodes())
        .extracting(node -> node.op().type())
        .containsExactly("If");
  }

  /** What never runs may return anything; exporters guard a Squeeze by the extent it takes away. */
  @ParameterizedTest
  @CsvSource({"1,Squeeze", "2,Exp"})
  void aBranchThatIsCertainIsTaken(int extent, String taken) {
    Model lowered =
        Lowering.of(
                OnnxText.parse(
                    """
                    <ir_version: 8, opset_import: ["" : 17]>
                    g (float[%d,3] x) => (y) <int64[1] zero = {0}, int64[1] one = {1}>
                    {
                      s = Shape(x)
                      d = Gather(s, zero)
                      c = Equal(d, one)
                      y = If(c) <
                        then_branch = yes () => (a) { a = Squeeze(x, zero) },
                        else_branch = no () => (b) { b = Exp(x) }
                      >
                    }
                    """
                        .formatted(extent)))
            .model();
    assertThat(lowered.graph().nodes())
        .extracting(node -> node.op().type())
        .contains(taken)
        .doesNotContain("If", "Where");
  }
}
