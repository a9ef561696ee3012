package io.gohsp.prune;

import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.assertUnchanged;
import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.Tensor;
import io.gohsp.text.GraphAssert;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The rest of the rewrite: weights, computed numbers, declared types. */
class PrunePassTest {

  @Test
  void noKeepsNoChange() {
    assertUnchanged(
        model -> {
          ShapeFacts facts = ShapeInference.of(model);
          new PrunePass(AxisAnalysis.of(model, facts), facts, new Keeps(Map.of())).run(model);
        },
        """
        g (float[B,5,4] x) => (float[B,5,4] y) <float[4,4] w = range> { y = MatMul(x, w) }
        """);
  }

  /**
   * 1/sqrt(d) from the extent of the queries at run time: the masked original divides by sqrt(4).
   */
  @Test
  void extentThatEntersAComputation() {
    assertRewrite(
        Cut.keep("q", 2, 0, 1, 3),
        """
        g (float[2,5,4] x) => (float[2,5,5] y)
        <float[4,4] wq = range, float[4,4] wk = range, int64 last = {-1}> {
          q = MatMul(x, wq)
          k = MatMul(x, wk)
          s = Shape(q)
          d = Gather(s, last)
          f = Cast<to = 1>(d)
          r = Sqrt(f)
          kt = Transpose<perm = [0,2,1]>(k)
          l = MatMul(q, kt)
          y = Div(l, r)
        }
        """,
        """
        g (float[2,5,4] x) => (float[2,5,5] y)
        <float[4,3] wq = {0,1,3,4,5,7,8,9,11,12,13,15}, float[4,3] wk = {0,1,3,4,5,7,8,9,11,12,13,15},
         int64 last = {-1}, int64 d_original = {4}> {
          q = MatMul(x, wq)
          k = MatMul(x, wk)
          s = Shape(q)
          d = Gather(s, last)
          f = Cast<to = 1>(d_original)
          r = Sqrt(f)
          kt = Transpose<perm = [0,2,1]>(k)
          l = MatMul(q, kt)
          y = Div(l, r)
        }
        """);
  }

  /**
   * The number that divides stays that of six columns, which tools that fuse by pattern do not look
   * at: they must not find the pattern.
   */
  @Test
  void scaledScoresAreGuarded() {
    String pruned =
        """
        g (float[2,5,4] x) => (float[2,5,5] y)
        <float[4,3] wq = {0,1,3,4,5,7,8,9,11,12,13,15}, float[4,3] wk = {0,1,3,4,5,7,8,9,11,12,13,15},
         float d = {2}, float queries_doubled = {2}, float keys_halved = {0.5}> {
          q = MatMul(x, wq)
          k = MatMul(x, wk)
          kt = Transpose<perm = [0,2,1]>(k)
          [q_guarded] q_guarded = Mul(q, queries_doubled)
          [kt_guarded] kt_guarded = Mul(kt, keys_halved)
          l = MatMul(q_guarded, kt_guarded)
          s = Div(l, d)
          y = Softmax(s)
        }
        """;
    assertRewrite(
        Cut.keep("q", 2, 0, 1, 3),
        """
        g (float[2,5,4] x) => (float[2,5,5] y)
        <float[4,4] wq = range, float[4,4] wk = range, float d = {2}> {
          q = MatMul(x, wq)
          k = MatMul(x, wk)
          kt = Transpose<perm = [0,2,1]>(k)
          l = MatMul(q, kt)
          s = Div(l, d)
          y = Softmax(s)
        }
        """,
        pruned);
    assertRewrite( // once is enough
        Cut.keep("q", 2, 0, 1),
        pruned,
        pruned
            .replace("{0,1,3,4,5,7,8,9,11,12,13,15}", "{0,1,4,5,8,9,12,13}")
            .replace("float[4,3]", "float[4,2]"));
  }

  /** A declared size is brought up to date; a symbol is not kept for an axis that was cut. */
  @Test
  void declaredTypes() {
    assertRewrite(
        Cut.keep("h", 2, 0, 3, 5),
        """
        g (float[B,5,4] x) => (float[B,5,4] y)
        <float[4,6] w = zeros, float[6,4] o = zeros, float[B,5,6] h, float[B,5,hidden] r, float[B,5,4] z> {
          h = MatMul(x, w)
          r = Relu(h)
          z = MatMul(r, o)
          y = Relu(z)
        }
        """,
        """
        g (float[B,5,4] x) => (float[B,5,4] y)
        <float[4,3] w = zeros, float[3,4] o = zeros, float[B,5,3] h, float[B,5,3] r, float[B,5,4] z> {
          h = MatMul(x, w)
          r = Relu(h)
          z = MatMul(r, o)
          y = Relu(z)
        }
        """);
  }

  /** ONNX Runtime's quantiser turns weights of Gemm around, and leaves what is declared of them. */
  @Test
  void weightsThatAreCutAreNotDeclared() {
    Model model =
        GraphAssert.parse(
            """
            g (float[B,4] x) => (float[B,4] y) <float[4,6] w = zeros, float[4,6] o = zeros, float[4] b = zeros> {
              h = MatMul(x, w)
              y = Gemm<transB = 1>(h, o, b)
            }
            """);
    for (Value weight : model.graph().initializers()) {
      Tensor tensor = Objects.requireNonNull(weight.constant());
      weight.setType(
          new TensorType(tensor.type(), Arrays.stream(tensor.dims()).mapToObj(Dim::of).toList()));
      model.graph().declare(weight);
    }
    Cut.keep("h", 1, 0, 3, 5).accept(model);
    assertThat(model.graph().declared()).extracting(Value::name).containsExactly("b");
  }

  @Test
  void weightsBehindOtherOperators() {
    assertRewrite(
        Cut.keep("h", 2, 0, 3, 5),
        """
        g (float[B,5,4] x) => (float[B,5,4] y)
        <float[6,4] w = range, float16[6,4] o = range, uint8[4,6] q = range, float[6] s = range> {
          wt = Transpose<perm = [1,0]>(w)
          oc = Cast<to = 1>(o)
          bias = Constant<value_floats = [1.0,2.0,3.0,4.0,5.0,6.0]>()
          dq = DequantizeLinear<axis = 1>(q, s)
          i = Identity(dq)
          h0 = MatMul(x, wt)
          h1 = Add(bias, h0)
          h2 = MatMul(x, i)
          h = Add(h1, h2)
          y = MatMul(h, oc)
        }
        """,
        """
        g (float[B,5,4] x) => (float[B,5,4] y)
        <float[3,4] w = {0,1,2,3,12,13,14,15,20,21,22,23},
         float16[3,4] o = {0.0,1.0,2.0,3.0,12.0,13.0,14.0,15.0,20.0,21.0,22.0,23.0},
         uint8[4,3] q = {0,3,5,6,9,11,12,15,17,18,21,23}, float[3] s = {0,3,5}> {
          wt = Transpose<perm = [1,0]>(w)
          oc = Cast<to = 1>(o)
          bias = Constant<value = float[3] {1,4,6}>()
          dq = DequantizeLinear<axis = 1>(q, s)
          i = Identity(dq)
          h0 = MatMul(x, wt)
          h1 = Add(bias, h0)
          h2 = MatMul(x, i)
          h = Add(h1, h2)
          y = MatMul(h, oc)
        }
        """);
  }

  @Test
  void weightsInBothBranchesOfAnIf() {
    assertRewrite(
        Cut.keep("h", 1, 0, 2),
        """
        g (float[2,4] x, bool c) => (float[2,5] y) <float[4,3] w = range, float[3,5] o = zeros> {
          m = MatMul(x, w)
          h = If<then_branch = one () => (float[2,3] t) <float[3] b = {1,2,3}> { t = Add(m, b) },
                 else_branch = other () => (float[2,3] e) <float[3] f = {4,5,6}> { e = Mul(m, f) }>(c)
          y = MatMul(h, o)
        }
        """,
        """
        g (float[2,4] x, bool c) => (float[2,5] y)
        <float[4,2] w = {0,2,3,5,6,8,9,11}, float[2,5] o = zeros> {
          m = MatMul(x, w)
          h = If<then_branch = one () => (float[2,2] t) <float[2] b = {1,3}> { t = Add(m, b) },
                 else_branch = other () => (float[2,2] e) <float[2] f = {4,6}> { e = Mul(m, f) }>(c)
          y = MatMul(h, o)
        }
        """);
  }

  /** Slopes of ALiBi, numbered when the model runs: the numbers of the heads that stay. */
  @Test
  void rangeAlongHeads() {
    assertRewrite(
        Cut.keep("q", 2, 0, 2),
        """
        g (float[B,5,4] x) => (float[B,5,4] y)
        <float[4,3] w = range, float[3,4] o = range, float one = {1.0}, int64 limit = {4},
         float half = {0.5}> {
          q = MatMul(x, w)
          first = CastLike(one, limit)
          numbers = Range(first, limit, first)
          f = Cast<to = 1>(numbers)
          slope = Pow(half, f)
          l = Mul(q, slope)
          y = MatMul(l, o)
        }
        """,
        """
        g (float[B,5,4] x) => (float[B,5,4] y)
        <float[4,2] w = {0,2,3,5,6,8,9,11}, float[2,4] o = {0,1,2,3,8,9,10,11}, float one = {1.0},
         int64 limit = {4}, float half = {0.5}, int64[2] numbers_pruned = {1,3}> {
          q = MatMul(x, w)
          first = CastLike(one, limit)
          f = Cast<to = 1>(numbers_pruned)
          slope = Pow(half, f)
          l = Mul(q, slope)
          y = MatMul(l, o)
        }
        """);
  }
}
