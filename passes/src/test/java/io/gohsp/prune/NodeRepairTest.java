package io.gohsp.prune;

import static io.gohsp.text.GraphAssert.assertModel;
import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.parse;

import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attributes that state an extent, and the scale that a fused attention implies by one. */
class NodeRepairTest {
  private static final String HALVES =
      """
      g (float[2,5,4] x) => (float[2,5,4] y)
      <float[4,8] w = zeros, float[4,4] o = zeros, float[4,4] p = zeros> {
        h = MatMul(x, w)
        a, b = Split<axis = 2%s>(h)
        c = MatMul(a, o)
        d = MatMul(b, p)
        y = Add(c, d)
      }
      """;

  private static final String UNEQUAL_WITH_OPERAND =
      """
      g (float[2,5,4] x) => (float[2,5,4] y)
      <float[4,4] w = zeros, float[3,4] o = zeros, float[1,4] p = zeros, int64[2] a_sizes = {3,1}> {
        h = MatMul(x, w)
        a, b = Split<axis = 2>(h, a_sizes)
        c = MatMul(a, o)
        d = MatMul(b, p)
        y = Add(c, d)
      }
      """;

  private static String opset(int version) {
    return "<ir_version: 8, opset_import: [\"\" : " + version + "]> ";
  }

  @Test
  void equalSplitBecomesUnequal() {
    assertRewrite(
        Cut.keep("a", 2, 0, 1, 3).and("b", 2, 1),
        opset(13) + HALVES.formatted(""),
        opset(13) + UNEQUAL_WITH_OPERAND);
  }

  @Test
  void equalSplitByNumberBecomesUnequal() {
    assertRewrite(
        Cut.keep("a", 2, 0, 1, 3).and("b", 2, 1),
        opset(18) + HALVES.formatted(", num_outputs = 2"),
        opset(18) + UNEQUAL_WITH_OPERAND);
  }

  @Test
  void splitWithAttribute() {
    String after =
        """
        g (float[2,5,4] x) => (float[2,5,4] y)
        <float[4,4] w = zeros, float[3,4] o = zeros, float[1,4] p = zeros> {
          h = MatMul(x, w)
          a, b = Split<axis = 2, split = [3, 1]>(h)
          c = MatMul(a, o)
          d = MatMul(b, p)
          y = Add(c, d)
        }
        """;
    Cut cut = Cut.keep("a", 2, 0, 1, 3).and("b", 2, 1);
    assertRewrite(cut, opset(11) + HALVES.formatted(", split = [4,4]"), opset(11) + after);
    assertRewrite(cut, opset(11) + HALVES.formatted(""), opset(11) + after);
  }

  @Test
  void splitThatStaysEqual() {
    assertRewrite(
        Cut.keep("a", 2, 0, 1).and("b", 2, 1, 3),
        opset(18) + HALVES.formatted(", num_outputs = 2"),
        opset(18)
            + """
            g (float[2,5,4] x) => (float[2,5,4] y)
            <float[4,4] w = zeros, float[2,4] o = zeros, float[2,4] p = zeros> {
              h = MatMul(x, w)
              a, b = Split<axis = 2, num_outputs = 2>(h)
              c = MatMul(a, o)
              d = MatMul(b, p)
              y = Add(c, d)
            }
            """);
  }

  private static final String THREE_PARTS =
      """
      g (float[2,5,4] x) => (float[2,5,4] y)
      <float[4,12] w = zeros, float[4,4] o = zeros, float[4,4] p = zeros, int64[3] sizes = {4,4,4}> {
        h = MatMul(x, w)
        a, gone, b = Split<%s>(h%s)
        c = MatMul(a, o)
        d = MatMul(b, p)
        y = Add(c, d)
      }
      """;

  /** What only a branch read that is gone, in all versions of the operator. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "11 | axis = 2 | ''", "11 | axis = 2, split = [4,4,4] | ''",
        "13 | axis = 2 | ''", "13 | axis = 2 | , sizes",
        "18 | axis = 2, num_outputs = 3 | ''", "18 | axis = 2 | , sizes"
      })
  void splitStopsListingWhatNobodyReads(int version, String attributes, String operand) {
    boolean stated = version < 13;
    assertRewrite(
        Cut.keep("gone", 2).and("b", 2, 1, 3),
        opset(version) + THREE_PARTS.formatted(attributes, operand),
        opset(version)
            + """
            g (float[2,5,4] x) => (float[2,5,4] y)
            <float[4,6] w = zeros, float[4,4] o = zeros, float[2,4] p = zeros,
             int64[3] sizes = {4,4,4}%s> {
              h = MatMul(x, w)
              a, b = Split<axis = 2%s>(h%s)
              c = MatMul(a, o)
              d = MatMul(b, p)
              y = Add(c, d)
            }
            """
                .formatted(
                    stated ? "" : ", int64[2] a_sizes = {4,2}",
                    stated ? ", split = [4,2]" : "",
                    stated ? "" : ", a_sizes"));
  }

  @Test
  void splitOfWhichOnePieceIsLeftIsNone() {
    assertRewrite(
        Cut.keep("a", 2),
        opset(18)
            + """
            g (float[2,5,4] x) => (float[2,5,4] y)
            <float[4,8] w = zeros, float[4,4] p = zeros> {
              h = MatMul(x, w)
              a, b = Split<axis = 2, num_outputs = 2>(h)
              y = MatMul(b, p)
            }
            """,
        opset(18)
            + """
            g (float[2,5,4] x) => (float[2,5,4] y)
            <float[4,4] w = zeros, float[4,4] p = zeros> {
              h = MatMul(x, w)
              y = MatMul(h, p)
            }
            """);
  }

  @Test
  void depthwiseGroups() {
    assertRewrite(
        Cut.keep("h", 1, 0, 3, 5),
        """
        g (float[1,4,5,5] x) => (float[1,4,5,5] y)
        <float[6,4,1,1] w = zeros, float[6] b = range, float[6,1,3,3] dw = zeros,
         float[6] db = range, float[4,6,1,1] o = zeros> {
          h = Conv<kernel_shape = [1,1]>(x, w, b)
          d = Conv<kernel_shape = [3,3], group = 6, pads = [1,1,1,1]>(h, dw, db)
          y = Conv<kernel_shape = [1,1]>(d, o)
        }
        """,
        """
        g (float[1,4,5,5] x) => (float[1,4,5,5] y)
        <float[3,4,1,1] w = zeros, float[3] b = {0,3,5}, float[3,1,3,3] dw = zeros,
         float[3] db = {0,3,5}, float[4,3,1,1] o = zeros> {
          h = Conv<kernel_shape = [1,1]>(x, w, b)
          d = Conv<kernel_shape = [3,3], group = 3, pads = [1,1,1,1]>(h, dw, db)
          y = Conv<kernel_shape = [1,1]>(d, o)
        }
        """);
  }

  // ---- fused attention, two heads of four columns

  private static final String PACKED =
      """
      g (float[2,5,8] x) => (float[2,5,8] y)
      <float[8,24] w = zeros, float[24] b = range, float[8,8] o = zeros> {
        a = com.microsoft.Attention<num_heads = 2>(x, w, b)
        p = MatMul(a, o)
        y = Add(x, p)
      }
      """;

  private static PruningPlan plan(
      @Nullable List<Integer> heads,
      @Nullable List<List<Integer>> qk,
      @Nullable List<List<Integer>> v) {
    return new PruningPlan(
        List.of(new BlockPlan("block 0", 2, 4, 4, null, heads, qk, v, null)), Map.of());
  }

  @Test
  void headsOfPackedAttention() {
    assertModel(
        Pruning.prune(parse(PACKED), plan(List.of(1), null, null)),
        """
        g (float[2,5,8] x) => (float[2,5,8] y)
        <float[8,12] w = zeros, float[12] b = {4,5,6,7,12,13,14,15,20,21,22,23}, float[4,8] o = zeros> {
          a = com.microsoft.Attention<num_heads = 1>(x, w, b)
          p = MatMul(a, o)
          y = Add(x, p)
        }
        """);
  }

  /** Widths that differ are written down, and so is the scale, 1/sqrt(4), that was implied. */
  @Test
  void queryKeyColumnsOfPackedAttention() {
    assertModel(
        Pruning.prune(parse(PACKED), plan(null, List.of(List.of(0, 1), List.of(1, 3)), null)),
        """
        g (float[2,5,8] x) => (float[2,5,8] y)
        <float[8,16] w = zeros,
         float[16] b = {0,1,5,7,8,9,13,15,16,17,18,19,20,21,22,23}, float[8,8] o = zeros> {
          a = com.microsoft.Attention<num_heads = 2, scale = 0.5, qkv_hidden_sizes = [4,4,8]>(x, w, b)
          p = MatMul(a, o)
          y = Add(x, p)
        }
        """);
  }

  @Test
  void attentionWithMergedHeads() {
    assertModel(
        Pruning.prune(
            parse(
                opset(23)
                    + """
                    g (float[2,5,8] x) => (float[2,5,8] y)
                    <float[8,8] wq = zeros, float[8,8] wk = zeros, float[8,8] wv = zeros, float[8,8] o = zeros> {
                      q = MatMul(x, wq)
                      k = MatMul(x, wk)
                      v = MatMul(x, wv)
                      a = Attention<q_num_heads = 2, kv_num_heads = 2>(q, k, v)
                      p = MatMul(a, o)
                      y = Add(x, p)
                    }
                    """),
            plan(List.of(1), List.of(List.of(0, 2)), List.of(List.of(3)))),
        opset(23)
            + """
            g (float[2,5,8] x) => (float[2,5,8] y)
            <float[8,2] wq = zeros, float[8,2] wk = zeros, float[8,1] wv = zeros, float[1,8] o = zeros> {
              q = MatMul(x, wq)
              k = MatMul(x, wk)
              v = MatMul(x, wv)
              a = Attention<q_num_heads = 1, kv_num_heads = 1, scale = 0.5>(q, k, v)
              p = MatMul(a, o)
              y = Add(x, p)
            }
            """);
  }
}
