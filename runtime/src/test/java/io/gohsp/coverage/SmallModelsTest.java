package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.fixture.Bases;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtOptions.Optimization;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.text.OnnxText;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ways to write an attention or an MLP that exporters use and no fixture has, each as the smallest
 * model that shows it. In the texts {@code float[2,3] w = ?} is a weight of random numbers.
 */
class SmallModelsTest {
  private static final Pattern RANDOM = Pattern.compile("(float|int8)\\[([0-9,]+)] (\\w+) = \\?");
  private static final Set<Part> ALL = EnumSet.allOf(Part.class);

  /**
   * Queries, keys and values of two heads of four columns, from x [1,5,8]; o [1,5,8] is the end.
   */
  private static final String PROJECTIONS =
      """
      m = MatMul(x, wqkv)
      qkv = Reshape(m, packed)
      t = Transpose<perm = [2, 0, 3, 1, 4]>(qkv)
      q, k, v = Split<axis = 0>(t, ones)
      q4 = Squeeze(q, zero)
      k4 = Squeeze(k, zero)
      v4 = Squeeze(v, zero)
      """;

  private static final String CONSTANTS =
      """
      float[8,24] wqkv = ?, float[8,8] wo = ?, int64[5] packed = {1, 5, 3, 2, 4},
      int64[3] ones = {1, 1, 1}, int64[1] zero = {0}, int64[1] last = {-1}, int64[3] flat = {0, 0, -1}
      """;

  private static final String OUTPUT =
      """
      h = Transpose<perm = [0, 2, 1, 3]>(a)
      r = Reshape(h, flat)
      p = MatMul(r, wo)
      y = Add(x, p)
      """;

  private static final String MLP =
      """
      joined = Add(x, p)
      n = MatMul(joined, up)
      g = Sigmoid(n)
      f = MatMul(g, down)
      y = Add(joined, f)
      """;

  @Test
  void cosineAttentionSumsSquaresOverColumns() {
    check(
        "[h2 qk4 v4]",
        attention(
            """
            nq = ReduceL2<axes = [-1]>(q4)
            nk = ReduceL2<axes = [-1]>(k4)
            uq = Div(q4, nq)
            uk = Div(k4, nk)
            kt = Transpose<perm = [0, 1, 3, 2]>(uk)
            s = MatMul(uq, kt)
            w = Softmax<axis = -1>(s)
            a = MatMul(w, v4)
            """,
            ""));
  }

  /**
   * Gates of heads that are computed from the stream's own heads, as in WavLM: the stream is made
   * up of heads, so that every projection has them on both of its axes.
   */
  @Test
  void theStreamIsMadeUpOfHeads() {
    check(
        "[h2! qk4 v4]",
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[1,5,8] x) => (float[1,5,8] y)
        <float[8,8] wq = ?, float[8,8] wk = ?, float[8,8] wv = ?, float[8,8] wo = ?, float[8] s = ?,
         float[8] b = ?, int64[4] apart = {1, 5, 2, 4}, int64[1] last = {3},
         int64[3] flat = {0, 0, -1}> {
          n = LayerNormalization(x, s, b)
          own = Reshape(n, apart)
          sum = ReduceSum(own, last)
          gate = Transpose<perm = [0, 2, 1, 3]>(sum)
          mq = MatMul(n, wq)
          q4 = Reshape(mq, apart)
          q = Transpose<perm = [0, 2, 1, 3]>(q4)
          mk = MatMul(n, wk)
          k4 = Reshape(mk, apart)
          kt = Transpose<perm = [0, 2, 3, 1]>(k4)
          mv = MatMul(n, wv)
          v4 = Reshape(mv, apart)
          v = Transpose<perm = [0, 2, 1, 3]>(v4)
          logits = MatMul(q, kt)
          gated = Mul(logits, gate)
          w = Softmax<axis = -1>(gated)
          a = MatMul(w, v)
          h = Transpose<perm = [0, 2, 1, 3]>(a)
          r = Reshape(h, flat)
          p = MatMul(r, wo)
          y = Add(x, p)
        }
        """);
  }

  /**
   * Cross-covariance attention, as in XCiT: what is added up over are positions, and what the
   * softmax normalises are the keys' columns; a query's column is one of the output.
   */
  @Test
  void columnsAreComparedWithColumns() {
    check(
        "[h2 qk4! v4]",
        attention(
            """
            qt = Transpose<perm = [0, 1, 3, 2]>(q4)
            vt = Transpose<perm = [0, 1, 3, 2]>(v4)
            s = MatMul(qt, k4)
            w = Softmax<axis = -1>(s)
            at = MatMul(w, vt)
            a = Transpose<perm = [0, 1, 3, 2]>(at)
            """,
            ""));
  }

  /** As in EfficientViT and CoaT, where what makes values of keys ties their columns. */
  @Test
  void queryKeyAndValueColumnsAreOneAxis() {
    check(
        "[h2 qk4 v4]",
        attention(
            """
            kt = Transpose<perm = [0, 1, 3, 2]>(k4)
            s = MatMul(q4, kt)
            w = Softmax<axis = -1>(s)
            both = Mul(v4, k4)
            a = MatMul(w, both)
            """,
            ""));
  }

  @Test
  void rotaryEmbeddingPairsNeighbours() {
    check(
        "[h2 qk4/2 v4]",
        attention(
            """
            even = Slice(q4, from0, end, last, two)
            odd = Slice(q4, from1, end, last, two)
            minus = Neg(odd)
            odd5 = Unsqueeze(minus, last)
            even5 = Unsqueeze(even, last)
            pairs = Concat<axis = -1>(odd5, even5)
            turned = Reshape(pairs, whole)
            one = Mul(q4, cos)
            other = Mul(turned, sin)
            rq = Add(one, other)
            kt = Transpose<perm = [0, 1, 3, 2]>(k4)
            s = MatMul(rq, kt)
            w = Softmax<axis = -1>(s)
            a = MatMul(w, v4)
            """,
            """
            , float[5,4] cos = ?, float[5,4] sin = ?, int64[1] from0 = {0}, int64[1] from1 = {1},
            int64[1] end = {9223372036854775807}, int64[1] two = {2}, int64[4] whole = {1, 2, 5, 4}
            """));
  }

  /**
   * Packed innermost, as LightGlue does: the pairs of queries and keys are pairs of values, too.
   */
  @Test
  void rotaryPairsAreNoHeads() {
    String rotated =
        """
        pP = Reshape(P4, pairs)
        pP1 = Gather<axis = 4>(pP, at0)
        pP2 = Gather<axis = 4>(pP, at1)
        mP2 = Neg(pP2)
        uP2 = Unsqueeze(mP2, last)
        uP1 = Unsqueeze(pP1, last)
        sP = Concat<axis = -1>(uP2, uP1)
        tP = Reshape(sP, whole)
        aP = Mul(P4, cos)
        bP = Mul(tP, sin)
        rP = Add(aP, bP)
        """;
    check(
        "[h4 qk6/2 v6/2]",
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[1,5,8] x) => (float[1,5,8] y)
        <float[8,72] wqkv = ?, float[24,8] wo = ?, int64[5] packed = {1, 5, 4, 6, 3},
         int64[5] pairs = {1, 4, 5, 3, 2}, int64 at0 = {0}, int64 at1 = {1}, int64 at2 = {2},
         int64[1] last = {-1}, int64[4] whole = {1, 4, 5, 6}, float[5,6] cos = ?, float[5,6] sin = ?,
         int64[3] flat = {0, 0, -1}> {
          m = MatMul(x, wqkv)
          apart = Reshape(m, packed)
          t = Transpose<perm = [0, 2, 1, 3, 4]>(apart)
          q4 = Gather<axis = 4>(t, at0)
          k4 = Gather<axis = 4>(t, at1)
          v4 = Gather<axis = 4>(t, at2)
        """
            + rotated.replace("P", "q")
            + rotated.replace("P", "k")
            + """
              kt = Transpose<perm = [0, 1, 3, 2]>(rk)
              s = MatMul(rq, kt)
              w = Softmax<axis = -1>(s)
              a = MatMul(w, v4)
              h = Transpose<perm = [0, 2, 1, 3]>(a)
              r = Reshape(h, flat)
              p = MatMul(r, wo)
              y = Add(x, p)
            }
            """);
  }

  /** One operator for the whole embedding, on merged heads; columns pair across the halves. */
  @Test
  void rotaryEmbeddingIsOneOperator() {
    check(
        "[h2 qk4/2 v4]",
        attention(
            """
            qm = Transpose<perm = [0, 2, 1, 3]>(q4)
            qf = Reshape(qm, flat)
            rq = RotaryEmbedding<num_heads = 2>(qf, cos, sin)
            rq4 = Reshape(rq, apart)
            rqh = Transpose<perm = [0, 2, 1, 3]>(rq4)
            rk = RotaryEmbedding(k4, cos, sin)
            kt = Transpose<perm = [0, 1, 3, 2]>(rk)
            s = MatMul(rqh, kt)
            w = Softmax<axis = -1>(s)
            a = MatMul(w, v4)
            """,
            ", float[1,5,2] cos = ?, float[1,5,2] sin = ?, int64[4] apart = {1, 5, 2, 4}",
            23));
  }

  /** With a start that counts from the end, the other half would be taken once a pair is gone. */
  @Test
  void stepsCountedFromTheEndStay() {
    String text =
        attention(
            """
            odd = Slice(q4, from, end, last, two)
            kodd = Slice(k4, from, end, last, two)
            kt = Transpose<perm = [0, 1, 3, 2]>(kodd)
            s = MatMul(odd, kt)
            w = Softmax<axis = -1>(s)
            a = MatMul(w, v4)
            """,
            ", int64[1] from = {-3}, int64[1] end = {4}, int64[1] two = {2}");
    check("[h2 qk2! v4]", text);
  }

  @Test
  void biasOfHeadsIsResizedAndLookedUp() {
    check(
        "[h2 qk4 v4]",
        attention(
            """
            kt = Transpose<perm = [0, 1, 3, 2]>(k4)
            s = MatMul(q4, kt)
            large = Resize<mode = "linear">(small, , , sizes)
            all = Expand(places, scores)
            bias = GatherElements<axis = 3>(large, all)
            found = GatherND(table, pairs)
            first = Transpose<perm = [2, 0, 1]>(found)
            sb = Add(s, bias)
            sbb = Add(sb, first)
            w = Softmax<axis = -1>(sbb)
            a = MatMul(w, v4)
            """,
            """
            , float[1,2,2,2] small = ?, int64[4] sizes = {1, 2, 5, 5}, int64[4] scores = {1, 2, 5, 5},
            int64[5] places = {4, 2, 1, 3, 0}, float[3,3,2] table = ?,
            int64[5,5,2] pairs = {0,0, 0,1, 0,2, 1,0, 1,1, 1,2, 2,0, 2,1, 2,2, 0,0, 0,1, 0,2, 1,0, 1,1, 1,2,
              2,0, 2,1, 2,2, 0,0, 0,1, 0,2, 1,0, 1,1, 1,2, 2,0}
            """));
  }

  /** Quantised in the file: a table of bytes is no shape arithmetic. */
  @Test
  void biasOfHeadsComesFromBytes() {
    check(
        "[h2 qk4 v4]",
        attention(
            """
            kt = Transpose<perm = [0, 1, 3, 2]>(k4)
            s = MatMul(q4, kt)
            bytes = Gather<axis = 1>(table, places)
            bias = DequantizeLinear(bytes, scale)
            sb = Add(s, bias)
            w = Softmax<axis = -1>(sb)
            a = MatMul(w, v4)
            """,
            """
            , int8[2,3] table = ?, float scale = {0.1},
            int64[5,5] places = {0,1,2,0,1, 2,0,1,2,0, 1,2,0,1,2, 0,1,2,0,1, 2,0,1,2,0}
            """));
  }

  /** Linear attention: keys and values meet first; a one behind each value counts the keys. */
  @Test
  void paddedValuesKeepTheirPadding() {
    check(
        "[h2 qk4 v4]",
        attention(
            """
            rk = Relu(k4)
            rq = Relu(q4)
            kt = Transpose<perm = [0, 1, 3, 2]>(rk)
            v5 = Pad(v4, behind, value)
            kv = MatMul(kt, v5)
            qkv5 = MatMul(rq, kv)
            above = Slice(qkv5, from0, minus, last)
            below = Slice(qkv5, minus, end, last)
            positive = Add(below, value)
            a = Div(above, positive)
            """,
            """
            , int64[8] behind = {0, 0, 0, 0, 0, 0, 0, 1}, float value = {1}, int64[1] from0 = {0},
            int64[1] minus = {-1}, int64[1] end = {9223372036854775807}
            """));
  }

  /** Batch and heads share an axis before the parts are taken apart (SAM). */
  @Test
  void packedProjectionIsReshapedTwice() {
    check(
        "[h2 qk4 v4]",
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[3,5,8] x) => (float[3,5,8] y)
        <float[8,24] wqkv = ?, float[8,8] wo = ?, int64[5] packed = {3, 5, 3, 2, 4},
         int64[4] merged = {3, 6, 5, 4}, int64[4] apart = {3, 2, 5, 4}, int64[1] zero = {0},
         int64[3] ones = {1, 1, 1}, int64[3] flat = {0, 0, -1}> {
          m = MatMul(x, wqkv)
          qkv = Reshape(m, packed)
          t = Transpose<perm = [2, 0, 3, 1, 4]>(qkv)
          bh = Reshape(t, merged)
          q, k, v = Split<axis = 0>(bh, ones)
          q3 = Squeeze(q, zero)
          k3 = Squeeze(k, zero)
          v3 = Squeeze(v, zero)
          kt = Transpose<perm = [0, 2, 1]>(k3)
          s = MatMul(q3, kt)
          w = Softmax<axis = -1>(s)
          o = MatMul(w, v3)
          a = Reshape(o, apart)
          h = Transpose<perm = [0, 2, 1, 3]>(a)
          r = Reshape(h, flat)
          p = MatMul(r, wo)
          y = Add(x, p)
        }
        """);
  }

  /** Heads vary faster than columns: each head's own choice of columns would not line up. */
  @Test
  void headsInsideColumnsKeepTheSameColumns() {
    String text =
        attention(
                """
                kt = Transpose<perm = [0, 1, 3, 2]>(k4)
                s = MatMul(q4, kt)
                w = Softmax<axis = -1>(s)
                a = MatMul(w, v4)
                """,
                "")
            .replace("{1, 5, 3, 2, 4}", "{1, 5, 3, 4, 2}")
            .replace("perm = [2, 0, 3, 1, 4]", "perm = [2, 0, 4, 1, 3]");
    check("[h2 qk4 v4]", text);
    Block block = WorkingModel.normalized(parse(text)).blocks().get(0);
    assertThat(block.attention().qk().dependsOn()).isEmpty();
    assertThat(block.attention().v().dependsOn()).isEmpty();
  }

  /** Heads that are cut apart are two axes: none of them is the heads, columns are for all. */
  @Test
  void headsInSegmentsStay() {
    check(
        "[h4! qk4 v4]",
        attention(
                """
                kt = Transpose<perm = [0, 1, 3, 2]>(k4)
                s = MatMul(q4, kt)
                w = Softmax<axis = -1>(s)
                o = MatMul(w, v4)
                first, second = Split<axis = 1>(o, halves)
                twice = Mul(second, number)
                a = Concat<axis = 1>(first, twice)
                """,
                ", int64[2] halves = {2, 2}, float number = {2}")
            .replace("{1, 5, 3, 2, 4}", "{1, 5, 3, 4, 4}")
            .replace("[8,24]", "[8,48]")
            .replace("[8,8] wo", "[16,8] wo"));
  }

  /** Exporters without constant folding reshape bounds and counts, too. */
  @Test
  void countsAreReshaped() {
    check(
        "[h2 qk4 v4]",
        attention(
            """
            five1 = Reshape(count, last)
            some = Slice(k4, zero, five1, two)
            kt = Transpose<perm = [0, 1, 3, 2]>(some)
            s = MatMul(q4, kt)
            w = Softmax<axis = -1>(s)
            a = MatMul(w, v4)
            """,
            ", int64 count = {5}, int64[1] two = {2}"));
  }

  /** Before version 10 the bounds of a slice are attributes. */
  @Test
  void halvesOfAGatedMlpAreSlicedByAttributes() {
    check(
        "[n6]",
        """
        <ir_version: 4, opset_import: ["" : 9]>
        g (float[1,5,8] x) => (float[1,5,8] y) <float[8,12] w1 = ?, float[6,8] w2 = ?> {
          m = MatMul(x, w1)
          up = Slice<axes = [2], starts = [0], ends = [6]>(m)
          gate = Slice<axes = [2], starts = [6], ends = [12]>(m)
          open = Sigmoid(gate)
          n = Mul(up, open)
          p = MatMul(n, w2)
          y = Add(x, p)
        }
        """);
  }

  @Test
  void operatorsOnIntegers() {
    check(
        "[n16]",
        """
        <ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
        g (float[1,5,8] x) => (float[1,5,8] y)
        <int8[8,16] w1 = ?, int8[16] b1 = ?, int8[16,8] w2 = ?, int8 z = {0}, int8 z3 = {3},
         float s = {0.02}, float sw = {0.02}, float so = {0.05}> {
          xq = QuantizeLinear(x, s, z3)
          m = QLinearMatMul(xq, s, z3, w1, sw, z, so, z3)
          n = com.microsoft.QLinearAdd(m, so, z3, b1, sw, z, so, z3)
          g1 = com.microsoft.QLinearSigmoid(n, so, z3, sw, z)
          n2 = com.microsoft.QLinearMul(n, so, z3, g1, sw, z, so, z3)
          p = QLinearMatMul(n2, so, z3, w2, sw, z, so, z3)
          r = com.microsoft.QLinearAdd(xq, s, z3, p, so, z3, so, z3)
          y = DequantizeLinear(r, so, z3)
        }
        """);
  }

  /** Swin V2 makes its position bias with an MLP on a constant table: a block of its own. */
  @Test
  void anMlpThatMakesABiasIsNotPairedWithTheAttention() {
    check(
        List.of("[n7]", "[h2 qk4 v4 n6]"),
        attention(
                """
            kt = Transpose<perm = [0, 1, 3, 2]>(k4)
            s = MatMul(q4, kt)
            hidden = MatMul(table, w1)
            relu = Relu(hidden)
            out = MatMul(relu, w2)
            bias = Transpose<perm = [2, 0, 1]>(out)
            sb = Add(s, bias)
            w = Softmax<axis = -1>(sb)
            a = MatMul(w, v4)
            """,
                """
            , float[5,5,3] table = ?, float[3,7] w1 = ?, float[7,2] w2 = ?,
            float[8,6] up = ?, float[6,8] down = ?
            """)
            .replace("y = Add(x, p)", MLP));
  }

  /**
   * What normalises over heads leaves one choice of columns for all; which operator does not
   * matter.
   */
  @Test
  void headsAreNormalised() {
    for (String norm :
        List.of(
            "Softmax<axis = 1>(IN)",
            "LogSoftmax<axis = 1>(IN)",
            "Hardmax<axis = 1>(IN)",
            "LpNormalization<axis = 1, p = 2>(IN)",
            "LpNormalization<axis = -3, p = 1>(IN)")) {
      for (String part : List.of("q", "k", "v", "o")) {
        String text =
            """
            Q = Identity(q4)
            K = Identity(k4)
            V = Identity(v4)
            kt = Transpose<perm = [0, 1, 3, 2]>(K)
            s = MatMul(Q, kt)
            w = Softmax<axis = -1>(s)
            O = MatMul(w, V)
            a = Identity(O)
            """;
        String line = part.equals("o") ? "a = Identity(O)" : "Identity(" + part + "4)";
        String normed =
            part.equals("o") ? "a = " + norm.replace("IN", "O") : norm.replace("IN", part + "4");
        Model model = parse(attention(text.replace(line, normed), ""));
        Block block = WorkingModel.normalized(model).blocks().get(0);
        boolean ofQueries = part.equals("q") || part.equals("k");
        assertThat(block.attention().qk().dependsOn().isEmpty()).as(normed).isEqualTo(ofQueries);
        assertThat(block.attention().v().dependsOn().isEmpty()).as(normed).isEqualTo(!ofQueries);
        check("[h2! qk4 v4]", attention(text.replace(line, normed), ""));
      }
    }
  }

  /** Halves of the heads side by side on one axis are normalised: columns may differ by neither. */
  @Test
  void headsAreNormalisedInGroups() {
    String text =
        attention(
                """
                apart = Reshape(q4, grouped)
                normed = Softmax<axis = 2>(apart)
                qn = Reshape(normed, back)
                kt = Transpose<perm = [0, 1, 3, 2]>(k4)
                s = MatMul(qn, kt)
                w = Softmax<axis = -1>(s)
                a = MatMul(w, v4)
                """,
                ", int64[5] grouped = {1, 2, 2, 5, 4}, int64[4] back = {1, 4, 5, 4}")
            .replace("{1, 5, 3, 2, 4}", "{1, 5, 3, 4, 4}")
            .replace("[8,24]", "[8,48]")
            .replace("[8,8] wo", "[16,8] wo");
    check("[h4 qk4 v4]", text);
  }

  private static final String PLAIN =
      """
      kt = Transpose<perm = [0, 1, 3, 2]>(k4)
      s = MatMul(q4, kt)
      w = Softmax<axis = -1>(s)
      a = MatMul(w, v4)
      """;

  /** Keys, queries or logits have other readers than the attention: what goes, goes there, too. */
  @Test
  void partsAreReadOutside() {
    for (String other :
        List.of(
            "e = ReduceSum<keepdims = 0>(k4, all)",
            "e = ReduceSum<keepdims = 0>(q4, all)",
            "e = ReduceSum<keepdims = 0>(s, all)",
            "e = ReduceL2<axes = [1, 2, 3], keepdims = 0>(k4)",
            "e0 = ReduceSum<keepdims = 0>(s, one)\ne1 = Tanh(e0)\ne = ReduceSum<keepdims = 0>(e1, back)",
            "e0 = ReduceSum<keepdims = 0>(w, one)\ne1 = Tanh(e0)\ne = ReduceSum<keepdims = 0>(e1, back)",
            "e0 = Transpose<perm = [0, 2, 1, 3]>(k4)\ne1 = Reshape(e0, flat)\n"
                + "e2 = MatMul(e1, we)\ne3 = Tanh(e2)\ne = ReduceSum<keepdims = 0>(e3, back)",
            "e0 = Transpose<perm = [0, 2, 1, 3]>(q4)\ne1 = Reshape(e0, flat)\n"
                + "e2 = MatMul(e1, we)\ne3 = Tanh(e2)\ne = ReduceSum<keepdims = 0>(e3, back)",
            "e0 = MatMul(k4, wc)\ne1 = Tanh(e0)\ne = ReduceSum<keepdims = 0>(e1, all)",
            "e0 = MatMul(q4, wc)\ne1 = Tanh(e0)\ne2 = ReduceSum<keepdims = 0>(e1, one)\n"
                + "e3 = Tanh(e2)\ne = ReduceSum<keepdims = 0>(e3, back)")) {
      String text =
          attention(
                  PLAIN + other + "\n",
                  ", int64[3] all = {1, 2, 3}, int64[1] one = {1}, int64[2] back = {1, 2},"
                      + " float[8,8] we = ?, float[4,3] wc = ?")
              .replace("y = Add(x, p)", "y0 = Add(x, p)\ny = Add(y0, e)");
      Model model = parse(text);
      List<Block> blocks = WorkingModel.normalized(model).blocks();
      assertThat(blocks).as(other).hasSize(1);
      for (Part part : List.of(Part.HEADS, Part.QK, Part.V)) {
        for (int seed = 0; seed < 2; seed++) {
          PruningPlan plan = Cuts.ragged(blocks, EnumSet.of(part), seed);
          if (!plan.isEmpty()) {
            compare(model, plan);
          }
        }
      }
    }
  }

  @Test
  void aPlanForColumnsThatCannotGoIsRefusedWithTheReason() {
    Model model =
        parse(
            attention(
                """
            odd = Slice(q4, from, end, last, two)
            kt = Transpose<perm = [0, 1, 3, 2]>(k4)
            ke = Slice(kt, from, end, axis, two)
            s = MatMul(odd, ke)
            w = Softmax<axis = -1>(s)
            a = MatMul(w, v4)
            """,
                ", int64[1] from = {-3}, int64[1] end = {4}, int64[1] two = {2}, int64[1] axis = {2}"));
    List<Block> blocks = WorkingModel.normalized(model).blocks();
    PruningPlan plan =
        new PruningPlan(
            List.of(Cuts.plan(blocks.get(0), null, List.of(List.of(0), List.of(0)), null, null)),
            Map.of());
    assertThatThrownBy(() -> Pruning.prune(model, plan))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("slice in steps");
  }

  /** Heads are one axis with the batch, but for the mask's, whose batch has another name. */
  @Test
  void foldedHeadsMeetAMaskOfAnotherBatch() {
    String folded =
        """
        m# = MatMul(x, w#)
        s# = Reshape(m#, split)
        t# = Transpose<perm = [0, 2, 1, 3]>(s#)
        #3 = Reshape(t#, columns)
        """;
    check(
        "[h2 qk4 v4]",
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[b,5,8] x, float[c,1,1,5] mask) => (float[b,5,8] y)
        <float[8,8] wq = ?, float[8,8] wk = ?, float[8,8] wv = ?, float[8,8] wo = ?,
         int64[4] split = {0, 0, 2, 4}, int64[1] first = {0}, int64[1] two = {2},
         int64[2] five = {5, 5}, int64[3] pairs = {2, 5, 5}, int64[2] width = {5, 4},
         int64[3] heads = {2, 5, 4}, int64[3] flat = {0, 0, 8}> {
          size = Shape(x)
          b = Gather(size, first)
          both = Mul(b, two)
          columns = Concat<axis = 0>(both, width)
          together = Concat<axis = 0>(both, five)
          apart = Concat<axis = 0>(b, pairs)
          unfolded = Concat<axis = 0>(b, heads)
        """
            + folded.replace("#", "q")
            + folded.replace("#", "k")
            + folded.replace("#", "v")
            + """
              kt = Transpose<perm = [0, 2, 1]>(k3)
              l = MatMul(q3, kt)
              l4 = Reshape(l, apart)
              masked = Add(l4, mask)
              l3 = Reshape(masked, together)
              w = Softmax<axis = -1>(l3)
              a3 = MatMul(w, v3)
              a = Reshape(a3, unfolded)
              h = Transpose<perm = [0, 2, 1, 3]>(a)
              r = Reshape(h, flat)
              p = MatMul(r, wo)
              y = Add(x, p)
            }
            """);
  }

  /** Heads are one axis with the batch, and a mask is made for all of them once, for two blocks. */
  @Test
  void blocksShareAMaskThatIsTiledOverHeads() {
    String block =
        """
        m#q = MatMul(IN, wq#)
        s#q = Reshape(m#q, split)
        t#q = Transpose<perm = [0, 2, 1, 3]>(s#q)
        q# = Reshape(t#q, columns)
        m#k = MatMul(IN, wk#)
        s#k = Reshape(m#k, split)
        t#k = Transpose<perm = [0, 2, 3, 1]>(s#k)
        k# = Reshape(t#k, rows)
        m#v = MatMul(IN, wv#)
        s#v = Reshape(m#v, split)
        t#v = Transpose<perm = [0, 2, 1, 3]>(s#v)
        v# = Reshape(t#v, columns)
        l# = MatMul(q#, k#)
        masked# = Add(l#, all)
        w# = Softmax<axis = -1>(masked#)
        a# = MatMul(w#, v#)
        u# = Reshape(a#, unfolded)
        h# = Transpose<perm = [0, 2, 1, 3]>(u#)
        r# = Reshape(h#, flat)
        p# = MatMul(r#, wo#)
        OUT = Add(IN, p#)
        """;
    String weights =
        "float[8,8] wq# = ?, float[8,8] wk# = ?, float[8,8] wv# = ?, float[8,8] wo# = ?, ";
    check(
        List.of("[h2 qk4 v4]", "[h2 qk4 v4]"),
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[b,5,8] x, float[b,1,5] mask) => (float[b,5,8] y)
        """
            + "<"
            + weights.replace("#", "1")
            + weights.replace("#", "2")
            + """
              int64[4] split = {0, 0, 2, 4}, int64[1] first = {0}, int64[1] two = {2},
              int64[2] width = {5, 4}, int64[2] height = {4, 5}, int64[3] heads = {2, 5, 4},
              int64[1] one = {1}, int64[4] times = {1, 2, 1, 1}, int64[2] each = {1, 5},
              int64[3] flat = {0, 0, 8}> {
                size = Shape(x)
                b = Gather(size, first)
                both = Mul(b, two)
                columns = Concat<axis = 0>(both, width)
                rows = Concat<axis = 0>(both, height)
                unfolded = Concat<axis = 0>(b, heads)
                wide = Unsqueeze(mask, one)
                tiled = Tile(wide, times)
                apart = Concat<axis = 0>(both, each)
                all = Reshape(tiled, apart)
              """
            + block.replace("#", "1").replace("IN", "x").replace("OUT", "x1")
            + block.replace("#", "2").replace("IN", "x1").replace("OUT", "y")
            + "}\n");
  }

  /** Gates of heads that a layer makes of the means of all: what goes would change the others. */
  @Test
  void headsGateEachOther() {
    check(
        "[h2! qk4 v4!]",
        attention(
            PLAIN.replace("a = ", "z = ")
                + """
                  e = ReduceMean<axes = [2, 3], keepdims = 0>(z)
                  mixed = MatMul(e, mix)
                  g = Sigmoid(mixed)
                  g4 = Unsqueeze(g, both)
                  a = Mul(z, g4)
                  """,
            ", float[2,2] mix = ?, int64[2] both = {2, 3}"));
  }

  /**
   * Heads taken apart or put together without a transposition, so that what follows finds elements
   * of one head at tokens and columns of another. There are as many tokens as heads squared, or
   * not, or nobody knows how many.
   *
   * @param part what is reshaped without a transposition
   */
  @ParameterizedTest
  @CsvSource({
    "q,     1, 4, [h2! qk4 v4]",
    "k,     1, 4, [h2! qk4 v4]",
    "v,     1, 4, [h2! qk4 v4]",
    "joined, 1, 4, [h2! qk4 v4]",
    "joined, 1, 2, [h2! qk4 v4]",
    "joined, 1, 8, [h2! qk4 v4]",
    "joined, 1, 6, [h1 qk4 v4]",
    "joined, b, n, [h1 qk4 v8!]",
    "all,   2, 4, [h1 qk4 v4]",
  })
  void headsAreRegroupedWithTokens(String part, String batch, String tokens, String shape) {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[%s,%s,8] x) => (float[%s,%s,8] y)
        <float[8,8] wq = ?, float[8,8] wk = ?, float[8,8] wv = ?, float[8,8] wo = ?,
         int64[1] eight = {8}, int64[4] apart = {0, 0, 2, 4},
         int64[1] first = {0}, int64[1] second = {1}, int64[1] two = {2}, int64[1] four = {4},
         int64[3] flat = {0, 0, -1}> {
          size = Shape(x)
          b = Gather(size, first)
          n = Gather(size, second)
          straight = Concat<axis = 0>(b, two, n, four)
          back = Concat<axis = 0>(b, n, eight)
        """
            .formatted(batch, tokens, batch, tokens);
    StringBuilder all = new StringBuilder(text);
    for (String name : List.of("q", "k", "v")) {
      boolean regrouped = part.equals(name) || part.equals("all");
      all.append("m# = MatMul(x, w#)\n".replace("#", name))
          .append(
              (regrouped
                      ? "#4 = Reshape(m#, straight)\n"
                      : "s# = Reshape(m#, apart)\n#4 = Transpose<perm = [0, 2, 1, 3]>(s#)\n")
                  .replace("#", name));
    }
    all.append(
        """
        kt = Transpose<perm = [0, 1, 3, 2]>(k4)
        s = MatMul(q4, kt)
        w = Softmax<axis = -1>(s)
        a = MatMul(w, v4)
        """);
    all.append(
        part.equals("joined") || part.equals("all")
            ? "r = Reshape(a, back)\n"
            : "h = Transpose<perm = [0, 2, 1, 3]>(a)\nr = Reshape(h, flat)\n");
    check(shape, all + "p = MatMul(r, wo)\ny = Add(x, p)\n}\n");
  }

  /** Pooling by queries that are learned: tokens and value columns of the result are one axis. */
  @ParameterizedTest
  @CsvSource({"'0, 1, 2', 3, 4", "'0, 2, 1', 5, 6"})
  void pooledTokensAreNoColumns(String order, int queries, int columns) {
    check(
        "[h1 v%d]".formatted(columns),
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[b,7,8] x) => (float[b,8] y)
        <float[1,%d,8] latent = ?, float[8,6] wq = ?, float[8,6] wk = ?, float[8,%d] wv = ?,
         float[%d,8] wo = ?, int64[2] flat = {0, -1}> {
          q = MatMul(latent, wq)
          k = MatMul(x, wk)
          kt = Transpose<perm = [0, 2, 1]>(k)
          v = MatMul(x, wv)
          s = MatMul(q, kt)
          w = Softmax<axis = -1>(s)
          a = MatMul(w, v)
          t = Transpose<perm = [%s]>(a)
          f = Reshape(t, flat)
          p = MatMul(f, wo)
          m = ReduceMean<axes = [1], keepdims = 0>(x)
          y = Add(p, m)
        }
        """
            .formatted(queries, columns, queries * columns, order));
  }

  private static String attention(String scores, String constants) {
    return attention(scores, constants, 17);
  }

  private static String attention(String scores, String constants, int opset) {
    return """
        <ir_version: 8, opset_import: ["" : %d]>
        g (float[1,5,8] x) => (float[1,5,8] y)
        """
            .formatted(opset)
        + "<"
        + CONSTANTS
        + constants
        + "> {\n"
        + PROJECTIONS
        + scores
        + OUTPUT
        + "}\n";
  }

  private static Model parse(String text) {
    Random random = new Random(3);
    Matcher weights = RANDOM.matcher(text);
    return OnnxText.parse(weights.replaceAll(found -> weight(found, random)));
  }

  private static String weight(MatchResult found, Random random) {
    int size = 1;
    for (String extent : found.group(2).split(",")) {
      size *= Integer.parseInt(extent);
    }
    boolean bytes = found.group(1).equals("int8");
    String numbers =
        random
            .doubles(size)
            .mapToObj(
                d ->
                    bytes
                        ? Integer.toString((int) (200 * d) - 100)
                        : String.format(Locale.ROOT, "%.3f", 2 * d - 1))
            .collect(Collectors.joining(", "));
    return "%s[%s] %s = {%s}".formatted(found.group(1), found.group(2), found.group(3), numbers);
  }

  /** The blocks are those, and whatever can be cut is cut to the masked original's answer. */
  private static void check(String shape, String text) {
    check(List.of(shape), text);
  }

  private static void check(List<String> shapes, String text) {
    Model model = parse(text);
    WorkingModel working = WorkingModel.normalized(model);
    List<Block> blocks = working.blocks();
    assertThat(blocks.stream().map(SmallModelsTest::shape))
        .as("%s", blocks.stream().map(SmallModelsTest::obstacle).toList())
        .containsExactlyElementsOf(shapes);
    compareInBasis(model, working);
    for (Set<Part> parts :
        List.of(ALL, EnumSet.of(Part.HEADS), EnumSet.of(Part.QK), EnumSet.of(Part.V))) {
      for (int seed = 0; seed < 4; seed++) {
        PruningPlan plan = Cuts.ragged(blocks, parts, seed);
        if (!plan.isEmpty()) {
          compare(model, plan);
        }
      }
      compare(model, Cuts.halves(blocks, ALL, 1));
    }
  }

  /** In whatever basis its columns may have, the whole model is the same. */
  private static void compareInBasis(Model model, WorkingModel working) {
    PruningPlan plan =
        Bases.in(working, Cuts.ragged(working.blocks(), EnumSet.of(Part.QK, Part.V), 0), 7);
    if (plan == null || !plan.changesBasis()) {
      return;
    }
    try (OrtProgram whole = OrtProgram.compile(model, OrtOptions.VERIFY);
        OrtProgram turned = OrtProgram.compile(Pruning.inBasis(model, plan), OrtOptions.VERIFY)) {
      Verdict verdict =
          Verifier.compare(
              whole,
              turned,
              SampleInputs.find(model, whole, Map.of(), 5),
              2,
              Rounding.ofWeights(model, OrtOptions.VERIFY),
              Verdict.Mode.PLAIN);
      assertThat(verdict.passed()).as("in another basis %s", verdict.summary()).isTrue();
    }
  }

  private static void compare(Model model, PruningPlan plan) {
    byte[] pruned = OnnxWriter.toBytes(Pruning.prune(model, plan));
    Model masked = Pruning.mask(model, plan);
    try (OrtProgram reference = OrtProgram.compile(masked, OrtOptions.VERIFY)) {
      SampleInputs inputs = SampleInputs.find(model, reference, Map.of(), 5);
      for (Optimization level : List.of(Optimization.NONE, Optimization.EXTENDED)) {
        OrtOptions options = OrtOptions.VERIFY.withOptimization(level);
        try (OrtProgram candidate = OrtProgram.load("pruned", ByteBuffer.wrap(pruned), options)) {
          Verdict verdict =
              Verifier.compare(
                  reference,
                  candidate,
                  inputs,
                  2,
                  Rounding.of(masked, OrtOptions.VERIFY),
                  Verdict.Mode.MASKED);
          assertThat(verdict.passed()).as("%s at %s", plan.blocks(), verdict.summary()).isTrue();
        }
      }
    }
  }

  /** Why the heads stay; empty if they need not. */
  private static String obstacle(Block block) {
    PrunableAxis heads = block.attention() == null ? null : block.attention().heads();
    return heads == null || heads.obstacle() == null ? "" : heads.obstacle().reason();
  }

  /**
   * As {@code [h2 qk4/2 v4 n16]}: positions, after a stroke how many go together, ! if none may.
   */
  private static String shape(Block block) {
    StringBuilder shape = new StringBuilder();
    if (block.attention() != null) {
      shape.append(" h").append(block.attention().headCount());
      PrunableAxis heads = block.attention().heads();
      shape.append(heads == null || heads.isPrunable() ? "" : "!");
      append(shape, " qk", block.attention().qk());
      append(shape, " v", block.attention().v());
    }
    append(shape, " n", block.mlp() == null ? null : block.mlp().neurons());
    return "[" + shape.substring(1) + "]";
  }

  private static void append(StringBuilder shape, String name, @Nullable PrunableAxis axis) {
    if (axis != null) {
      shape.append(name).append(axis.size());
      shape.append(axis.isPrunable() ? "" : "!");
      shape.append(
          axis.positionsPerUnit() > 1 && axis.isPrunable() ? "/" + axis.positionsPerUnit() : "");
    }
  }
}
