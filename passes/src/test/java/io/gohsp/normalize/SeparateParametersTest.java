package io.gohsp.normalize;

import static io.gohsp.text.GraphAssert.assertModel;
import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.assertUnchanged;
import static io.gohsp.text.GraphAssert.parse;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which readers of one constant have one parameter, and which only equal ones. */
class SeparateParametersTest {
  private static final String BIASES =
      """
      g (float[2,3] x) => (float[2,3] y)
          <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3,3] v = {9,8,7,6,5,4,3,2,1}, float[3] b = {0,0,0}> {
        p = MatMul(x, w)
        q = Add(p, b)
        r = MatMul(q, v)
        y = Add(b, r)
      }
      """;

  private static final String APART =
      """
      g (float[2,3] x) => (float[2,3] y)
          <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3,3] v = {9,8,7,6,5,4,3,2,1}, float[3] b = {0,0,0}, float[3] b_copy = {0,0,0}> {
        p = MatMul(x, w)
        q = Add(p, b)
        r = MatMul(q, v)
        y = Add(b_copy, r)
      }
      """;

  @Test
  void biasesOfDifferentLayers() {
    assertRewrite(SeparateParameters::run, BIASES, APART);
    assertUnchanged(SeparateParameters::run, APART);
  }

  @Test
  void copiesThatStayedEqualAreMergedAgain() {
    Model model = parse(BIASES);
    MergeCopies.run(SeparateParameters.run(model));
    assertModel(model, BIASES);
  }

  @Test
  void copiesOfCopiesAreMergedToo() {
    String tied =
        """
        g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3] b = {0,0,0}> {
          p = MatMul(x, w)
          q = Add(p, b)
          r = MatMul(q, w)
          s = Add(r, b)
          t = Mul(s, b)
          y = Mul(t, b)
        }
        """;
    Model model = parse(tied);
    Map<Value, Value> copies = new LinkedHashMap<>(SeparateParameters.run(model));
    copies.putAll(UnshareConstants.run(model));
    MergeCopies.run(copies);
    assertModel(model, tied);
  }

  @Test
  void theBiasOfATiedLayerIsTied() {
    assertUnchanged(
        SeparateParameters::run,
        """
        g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3] b = {0,0,0}> {
          wt = Transpose(w)
          p = MatMul(x, wt)
          q = Add(p, b)
          r = MatMul(q, wt)
          y = Add(r, b)
        }
        """);
  }

  /** As with the blocks of ALBERT: the norm alone reads the sum, behind the same matrix. */
  @Test
  void theNormBehindATiedLayerIsTied() {
    assertUnchanged(
        SeparateParameters::run,
        """
        g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3] s = {1,1,1}> {
          p = MatMul(x, w)
          n = LayerNormalization(p, s)
          r = MatMul(n, w)
          y = LayerNormalization(r, s)
        }
        """);
  }

  /** The last norm reads the same stream as those before the tied layer, but is another one. */
  @Test
  void ofNormsInFrontTheMatrixBehindCounts() {
    assertRewrite(
        SeparateParameters::run,
        """
        g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3] s = {1,1,1}> {
          n = LayerNormalization(x, s)
          p = MatMul(n, w)
          a = Add(x, p)
          m = LayerNormalization(a, s)
          q = MatMul(m, w)
          c = Add(a, q)
          y = LayerNormalization(c, s)
        }
        """,
        """
        g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3] s = {1,1,1}, float[3] s_copy = {1,1,1}> {
          n = LayerNormalization(x, s)
          p = MatMul(n, w)
          a = Add(x, p)
          m = LayerNormalization(a, s)
          q = MatMul(m, w)
          c = Add(a, q)
          y = LayerNormalization(c, s_copy)
        }
        """);
  }

  /**
   * Of queries and of keys, behind a packed projection; as often as that is called they are tied.
   */
  @Test
  void twoNormsBehindOneProduct() {
    String tied =
        """
        g (float[2,3] x) => (float[2,3] y)
            <float[3,6] w = {1,2,3,4,5,6,7,8,9,8,7,6,5,4,3,2,1,2}, float[3] s = {1,1,1}%s> {
          p = MatMul(x, w)
          q, k = Split<axis = 1, num_outputs = 2>(p)
          qn = LayerNormalization(q, s)
          kn = LayerNormalization(k, %s)
          a = Mul(qn, kn)
          r = MatMul(a, w)
          t, u = Split<axis = 1, num_outputs = 2>(r)
          tn = LayerNormalization(t, s)
          un = LayerNormalization(u, %s)
          y = Mul(tn, un)
        }
        """;
    assertRewrite(
        SeparateParameters::run,
        tied.formatted("", "s", "s"),
        tied.formatted(", float[3] s_copy = {1,1,1}", "s_copy", "s_copy"));
  }

  /** As LeViT's, whose head normalises what the last block added to. */
  @Test
  void theLastNormIsNotThatOfTheLastLayer() {
    String norms =
        """
        g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}, float[3] one = {1,1,1}, float[3] zero = {0,0,0}%s> {
          p = MatMul(x, w)
          n = BatchNormalization(p, one, zero, %s, %s)
          a = Add(x, n)
          y = BatchNormalization(a, %s, %s, %s, %s)
        }
        """;
    assertRewrite(
        SeparateParameters::run,
        norms.formatted("", "zero", "one", "one", "zero", "zero", "one"),
        norms.formatted(
            ", float[3] one_copy = {1,1,1}, float[3] one_copy_1 = {1,1,1}, float[3] one_copy_2 = {1,1,1}"
                + ", float[3] zero_copy = {0,0,0}, float[3] zero_copy_1 = {0,0,0}, float[3] zero_copy_2 = {0,0,0}",
            "zero_copy",
            "one_copy",
            "one_copy_1",
            "zero_copy_1",
            "zero_copy_2",
            "one_copy_2"));
  }

  @Test
  void readersBehindIdentityNodes() {
    assertRewrite(
        SeparateParameters::run,
        """
        g (float[2,3] x) => (float[2,3] y) <float[3] b = {0,0,0}> {
          c = Identity(b)
          d = Identity(c)
          a = Add(x, b)
          e = Mul(a, d)
          y = Sub(e, c)
        }
        """,
        """
        g (float[2,3] x) => (float[2,3] y) <float[3] b = {0,0,0}, float[3] c_copy = {0,0,0}, float[3] b_copy = {0,0,0}> {
          c = Identity(b)
          d = Identity(c)
          a = Add(x, b_copy)
          e = Mul(a, b)
          y = Sub(e, c_copy)
        }
        """);
  }

  @Test
  void twoTokensInOneConcat() {
    assertRewrite(
        SeparateParameters::run,
        """
        g (float[1,1,2] x) => (float[1,3,2] y) <float[1,1,2] t = {0,0}> {
          y = Concat<axis = 1>(t, t, x)
        }
        """,
        """
        g (float[1,1,2] x) => (float[1,3,2] y) <float[1,1,2] t = {0,0}, float[1,1,2] t_copy = {0,0}> {
          y = Concat<axis = 1>(t, t_copy, x)
        }
        """);
  }

  @Test
  void numbersThatDifferAreOneParameter() {
    assertUnchanged(
        SeparateParameters::run,
        """
        g (float[2,3] x) => (float[2,3] y) <float[3] b = {0,0,1}, int64[2] s = {3, 3}, float[1] one = {1}> {
          a = Add(x, b)
          c = Mul(a, b)
          d = Mul(c, one)
          y = Mul(d, one)
        }
        """);
  }
}
