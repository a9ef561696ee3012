package io.gohsp.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.text.OnnxText;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the records say about nodes of different operator set versions. */
class OperatorViewsTest {
  /** The last node of a graph. */
  private static Node node(int opset, String inputs, String nodes) {
    List<Node> all =
        OnnxText.parse(
                "<ir_version: 8, opset_import: [\"\" : %d, \"com.microsoft\" : 1]> g (%s) => () { %s }"
                    .formatted(opset, inputs, nodes))
            .graph()
            .nodes();
    return all.get(all.size() - 1);
  }

  private static final ConstantReader CONSTANTS = ConstantReader.OF_MODEL;

  @Test
  void splitSizesComeFromAttributeOperandOrNowhere() {
    Node old = node(11, "x", "a, b = Split<axis = -1, split = [2, 3]>(x)");
    assertThat(SplitOp.of(old, CONSTANTS)).isEqualTo(new SplitOp(old, -1, List.of(2L, 3L), false));
    Node operand = node(13, "x", "s = Constant<value_ints = [2, 3]>() a, b = Split(x, s)");
    assertThat(SplitOp.of(operand, CONSTANTS).sizes(5)).containsExactly(2L, 3L);
    assertThat(SplitOp.of(node(13, "x, s", "a, b = Split(x, s)"), CONSTANTS).sizes(5)).isNull();
    assertThat(SplitOp.of(node(13, "x", "a, b, c = Split(x)"), CONSTANTS).sizes(12))
        .containsExactly(4L, 4L, 4L);
    SplitOp uneven = SplitOp.of(node(18, "x", "a, b, c = Split<num_outputs = 3>(x)"), CONSTANTS);
    assertThat(uneven.sizes(11)).containsExactly(4L, 4L, 3L);
  }

  @Test
  void splitSizesMustFit() {
    assertThatThrownBy(
            () -> SplitOp.of(node(11, "x", "[cut] a, b = Split<split = [2, 3, 4]>(x)"), CONSTANTS))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage("Split \"cut\": sizes [2, 3, 4] do not go with 2 outputs");
    assertThatThrownBy(
            () ->
                SplitOp.of(node(11, "x", "[cut] a, b = Split<split = [2, 3]>(x)"), CONSTANTS)
                    .sizes(6))
        .hasMessage("Split \"cut\": sizes [2, 3] do not add up to 6");
    assertThatThrownBy(() -> SplitOp.of(node(13, "x", "[cut] a, b = Split(x)"), CONSTANTS).sizes(5))
        .hasMessage("Split \"cut\": 2 equal pieces do not make 5");
    assertThatThrownBy(
            () -> SplitOp.of(node(13, "x", "[cut] a, b = Split<axis = 3>(x)"), CONSTANTS).axis(3))
        .hasMessage("Split \"cut\": there is no axis 3 in a tensor of rank 3");
  }

  @Test
  void sliceFillsInAxesAndSteps() {
    SliceOp old =
        SliceOp.of(node(9, "x", "y = Slice<starts = [1, 0], ends = [2, -1]>(x)"), CONSTANTS);
    assertThat(old.axes()).containsExactly(0L, 1L);
    assertThat(old.steps()).containsExactly(1L, 1L);
    String bounds = "s = Constant<value_ints = [1]>() e = Constant<value_ints = [4]>() ";
    SliceOp recent = SliceOp.of(node(13, "x, a", bounds + "y = Slice(x, s, e, a)"), CONSTANTS);
    assertThat(recent.axes()).isNull();
    assertThat(recent.steps()).containsExactly(1L);
    assertThatThrownBy(
            () ->
                SliceOp.of(
                    node(
                        13,
                        "x",
                        bounds + "z = Constant<value_ints = [0]>() [c] y = Slice(x, s, e, s, z)"),
                    CONSTANTS))
        .hasMessage("Slice \"c\": a step is zero");
    assertThatThrownBy(
            () ->
                SliceOp.of(
                    node(9, "x", "[c] y = Slice<starts = [1, 0], ends = [2]>(x)"), CONSTANTS))
        .hasMessage("Slice \"c\": starts, ends, axes and steps differ in length");
  }

  @Test
  void reductionsWithoutAxesReduceAllOrNothing() {
    assertThat(ReduceOp.of(node(13, "x", "y = ReduceMean(x)"), CONSTANTS).axes(3))
        .containsExactly(0, 1, 2);
    assertThat(
            ReduceOp.of(node(18, "x", "y = ReduceMean<noop_with_empty_axes = 1>(x)"), CONSTANTS)
                .axes(3))
        .isEmpty();
    assertThat(ReduceOp.of(node(18, "x, a", "y = ReduceMean(x, a)"), CONSTANTS).axes(3)).isNull();
    ReduceOp last =
        ReduceOp.of(node(13, "x", "y = ReduceMean<axes = [-1, 0], keepdims = 0>(x)"), CONSTANTS);
    assertThat(last.axes(3)).containsExactly(0, 2);
    assertThat(last.keepDims()).isFalse();
    assertThatThrownBy(
            () ->
                ReduceOp.of(node(13, "x", "[r] y = ReduceMean<axes = [-1, 2]>(x)"), CONSTANTS)
                    .axes(3))
        .hasMessage("ReduceMean \"r\": axis 2 is named twice");
  }

  @Test
  void softmaxOnceNormalisedOverAllLaterAxes() {
    assertThat(SoftmaxOp.of(node(11, "x", "y = Softmax(x)")).axes(3)).containsExactly(1, 2);
    assertThat(SoftmaxOp.of(node(13, "x", "y = Softmax(x)")).axes(3)).containsExactly(2);
  }

  @Test
  void transposeReversesUnlessTold() {
    assertThat(TransposeOp.of(node(17, "x", "y = Transpose(x)")).perm(3)).containsExactly(2, 1, 0);
    assertThatThrownBy(
            () -> TransposeOp.of(node(17, "x", "[t] y = Transpose<perm = [0, 0]>(x)")).perm(2))
        .hasMessage("Transpose \"t\": axis 0 is named twice");
    assertThatThrownBy(
            () -> TransposeOp.of(node(17, "x", "[t] y = Transpose<perm = [0, 1]>(x)")).perm(3))
        .hasMessage("Transpose \"t\": perm [0, 1] does not go with rank 3");
  }

  @Test
  void squeezesAndUnsqueezesCountInTheirOwnRank() {
    assertThat(SqueezeOp.of(node(12, "x", "y = Squeeze<axes = [-1, 0]>(x)"), CONSTANTS).axes(4))
        .containsExactly(0, 3);
    assertThat(SqueezeOp.of(node(13, "x", "y = Squeeze(x)"), CONSTANTS).all()).isTrue();
    Node unsqueeze = node(13, "x", "a = Constant<value_ints = [-1, 0]>() y = Unsqueeze(x, a)");
    assertThat(UnsqueezeOp.of(unsqueeze, CONSTANTS).axes(2)).containsExactly(0, 3);
  }

  @Test
  void einsumLabelsEveryAxis() {
    EinsumOp attention =
        EinsumOp.of(node(13, "q, k", "y = Einsum<equation = \"...qd, ...kd -> ...qk\">(q, k)"));
    EinsumOp expanded = attention.expanded(List.of(4, 3));
    assertThat(expanded.operands().get(0)).containsExactly("...2", "...1", "q", "d");
    assertThat(expanded.operands().get(1)).containsExactly("...1", "k", "d");
    assertThat(expanded.output()).containsExactly("...2", "...1", "q", "k");
    EinsumOp implied = EinsumOp.of(node(13, "q, k", "y = Einsum<equation = \"cb,ba\">(q, k)"));
    assertThat(implied.output()).containsExactly("a", "c");
  }

  @Test
  void equationsAreChecked() {
    assertThatThrownBy(
            () -> EinsumOp.of(node(13, "x", "[e] y = Einsum<equation = \"ab,bc->ac\">(x)")))
        .hasMessage("Einsum \"e\": \"ab,bc->ac\" has 2 terms for 1 operands");
    assertThatThrownBy(() -> EinsumOp.of(node(13, "x", "[e] y = Einsum<equation = \"a1->a\">(x)")))
        .hasMessage("Einsum \"e\": \"a1\" is no term of an equation");
    assertThatThrownBy(() -> EinsumOp.of(node(13, "x", "[e] y = Einsum<equation = \"ab->c\">(x)")))
        .hasMessage("Einsum \"e\": \"ab->c\" returns c, which no operand has");
    assertThatThrownBy(
            () ->
                EinsumOp.of(node(13, "x", "[e] y = Einsum<equation = \"ab->a\">(x)"))
                    .expanded(List.of(3)))
        .hasMessage("Einsum \"e\": the term ab does not go with rank 3");
  }

  @Test
  void reshapeTargetsAreChecked() {
    Node twice = node(17, "x", "s = Constant<value_ints = [-1, -1]>() [r] y = Reshape(x, s)");
    assertThatThrownBy(() -> ReshapeOp.of(twice, CONSTANTS))
        .hasMessage("Reshape \"r\": the target shape [-1, -1] leaves more than one extent open");
    assertThat(ReshapeOp.of(node(17, "x, s", "y = Reshape(x, s)"), CONSTANTS).target()).isNull();
  }

  @Test
  void attentionHasHeads() {
    AttentionOp fused =
        AttentionOp.of(
            node(
                17,
                "x, w",
                "y = com.microsoft.Attention<num_heads = 4, qkv_hidden_sizes = [8, 8, 12]>(x, w)"));
    assertThat(fused.heads()).isEqualTo(4);
    assertThat(fused.hiddenSizes()).containsExactly(8L, 8L, 12L);
    AttentionOp grouped =
        AttentionOp.of(
            node(23, "q, k, v", "y = Attention<q_num_heads = 6, kv_num_heads = 2>(q, k, v)"));
    assertThat(grouped.kvHeads()).isEqualTo(2);
    assertThatThrownBy(
            () -> AttentionOp.of(node(17, "x, w", "[a] y = com.microsoft.Attention(x, w)")))
        .hasMessage("com.microsoft::Attention \"a\": the number of heads must be at least 1");
  }

  @Test
  void windowsHaveOneEntryPerAxis() {
    assertThat(ConvOp.of(node(17, "x, w", "y = Conv<strides = [2, 3]>(x, w)"), 2).window().pads())
        .containsExactly(0L, 0L, 0L, 0L);
    assertThatThrownBy(() -> ConvOp.of(node(17, "x, w", "[c] y = Conv<strides = [2]>(x, w)"), 2))
        .hasMessage(
            "Conv \"c\": kernel, strides, pads and dilations do not go with 2 spatial axes");
    assertThatThrownBy(() -> ConvOp.of(node(17, "x, w", "[c] y = Conv<strides = [0, 1]>(x, w)"), 2))
        .hasMessage("Conv \"c\": strides and dilations must be at least 1");
  }

  @Test
  void shapeRangesAreClamped() {
    ShapeOp middle = ShapeOp.of(node(15, "x", "y = Shape<start = -3, end = 9>(x)"));
    assertThat(middle.start(2)).isZero();
    assertThat(middle.end(2)).isEqualTo(2);
    ShapeOp empty = ShapeOp.of(node(15, "x", "y = Shape<start = 2, end = 1>(x)"));
    assertThat(empty.end(4)).isEqualTo(empty.start(4));
  }

  @Test
  void constantsAreInitializersAndConstantNodes() {
    Node add =
        OnnxText.parse(
                "<ir_version: 8, opset_import: [\"\" : 17]> g (float x) => () <int64[2] w = {4, 5}>"
                    + " { k = Constant<value_int = 3>() f = Constant<value_float = 3.0>() n = Neg(k) y = Any(w, k, f, n) }")
            .graph()
            .nodes()
            .get(3);
    assertThat(CONSTANTS.read(add.input(0))).containsExactly(4, 5);
    assertThat(CONSTANTS.read(add.input(1))).containsExactly(3);
    assertThat(CONSTANTS.read(add.input(2))).isNull();
    assertThat(CONSTANTS.read(add.input(3))).isNull();
  }
}
