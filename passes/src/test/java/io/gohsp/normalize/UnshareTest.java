package io.gohsp.normalize;

import static io.gohsp.text.GraphAssert.assertModel;
import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.assertUnchanged;
import static io.gohsp.text.GraphAssert.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Selection;
import io.gohsp.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Constants and biases that blocks share by accident, and how copies become one again. */
class UnshareTest {
  private static final String SHARED =
      """
      g (float[2,3] x) => (float[2,3] y) <float[3] b = {1,2,3}> {
        a = Add(x, b)
        y = Mul(a, b)
      }
      """;

  private static final String APART =
      """
      g (float[2,3] x) => (float[2,3] y) <float[3] b = {1,2,3}, float[3] b_copy = {1,2,3}> {
        a = Add(x, b)
        y = Mul(a, b_copy)
      }
      """;

  @Test
  void eachReaderGetsItsOwnVector() {
    assertRewrite(UnshareConstants::run, SHARED, APART);
  }

  @Test
  void constantNodesToo() {
    assertRewrite(
        UnshareConstants::run,
        """
        g (float[2,3] x) => (float[2,3] y) {
          b = Constant<value = float[3] {1,2,3}>()
          a = Add(x, b)
          y = Mul(a, b)
        }
        """,
        """
        g (float[2,3] x) => (float[2,3] y) {
          [b_copy] b_copy = Constant<value = float[3] {1,2,3}>()
          b = Constant<value = float[3] {1,2,3}>()
          a = Add(x, b)
          y = Mul(a, b_copy)
        }
        """);
  }

  /** Tied weights stay tied; scalars, shape operands and defaults of inputs need no copies. */
  @Test
  void whatIsSharedOnPurposeStays() {
    assertUnchanged(
        UnshareConstants::run,
        """
        g (float[2,3] x, float[3] d = {1,2,3}) => (float[2,3] y)
        <float[3,3] w = range, float s = {2}, int64[2] shape = {2,3}> {
          a = MatMul(x, w)
          b = MatMul(a, w)
          c = Mul(b, s)
          e = Mul(c, s)
          f = Reshape(e, shape)
          g = Reshape(f, shape)
          h = Add(g, d)
          y = Add(h, d)
        }
        """);
  }

  /**
   * Relative positions that all blocks add to their scores: each gets its own, from the table on.
   */
  @Test
  void biasOfAllBlocks() {
    assertRewrite(
        model -> UnshareBiases.run(model, new LinkedHashMap<>()),
        """
        g (float[1,2,3,3] x) => (float[1,2,3,3] y)
        <float[5,2] table = range, int64[3,3] index = {0,1,2,1,0,1,2,1,0}, int64[1] zero = {0}> {
          r = Gather(table, index)
          t = Transpose<perm = [2,0,1]>(r)
          bias = Unsqueeze(t, zero)
          a = Add(x, bias)
          s = Softmax(a)
          b = Add(s, bias)
          y = Softmax(b)
        }
        """,
        """
        g (float[1,2,3,3] x) => (float[1,2,3,3] y)
        <float[5,2] table = range, int64[3,3] index = {0,1,2,1,0,1,2,1,0}, int64[1] zero = {0},
         float[5,2] table_copy = range> {
          [r_copy] r_copy = Gather(table_copy, index)
          r = Gather(table, index)
          [t_copy] t_copy = Transpose<perm = [2,0,1]>(r_copy)
          t = Transpose<perm = [2,0,1]>(r)
          [bias_copy] bias_copy = Unsqueeze(t_copy, zero)
          bias = Unsqueeze(t, zero)
          a = Add(x, bias)
          s = Softmax(a)
          b = Add(s, bias_copy)
          y = Softmax(b)
        }
        """);
  }

  /** The position embedding of the tokens is no attention bias, however often it is added. */
  @Test
  void whatDoesNotEnterScoresStaysShared() {
    assertUnchanged(
        model -> UnshareBiases.run(model, new LinkedHashMap<>()),
        """
        g (float[1,3,2] x) => (float[1,3,2] y) <float[3,2] table = range, int64[1] zero = {0}> {
          p = Unsqueeze(table, zero)
          a = Add(x, p)
          y = Add(a, p)
        }
        """);
  }

  @Test
  void copiesThatStayedEqualAreMerged() {
    Model model = parse(SHARED);
    MergeCopies.run(UnshareConstants.run(model));
    assertModel(model, SHARED);
  }

  @Test
  void copiesThatWereCutAlikeAreMerged() {
    Model model = parse(SHARED);
    Map<Value, Value> copies = UnshareConstants.run(model);
    copies.forEach(
        (copy, original) -> {
          select(copy, 0, 2);
          select(original, 0, 2);
        });
    MergeCopies.run(copies);
    assertThat(model.graph().initializers()).hasSize(1);
  }

  @Test
  void copiesThatWereCutDifferentlyStay() {
    Model model = parse(SHARED);
    Map<Value, Value> copies = UnshareConstants.run(model);
    copies.forEach(
        (copy, original) -> {
          select(copy, 0, 2);
          select(original, 0, 1);
        });
    MergeCopies.run(copies);
    assertThat(model.graph().initializers())
        .extracting(value -> Objects.requireNonNull(value.constant()).floats())
        .containsExactly(new float[] {1, 2}, new float[] {1, 3});
  }

  private static void select(Value value, int... kept) {
    Tensor whole = Objects.requireNonNull(value.constant());
    value.setConstant(whole.select(new Selection(List.of(Selection.Axis.of(3, kept)))));
  }
}
