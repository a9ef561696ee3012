package io.gohsp.normalize;

import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.parse;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.ModelException;
import org.junit.jupiter.api.Test;

class InlineFunctionsTest {

  /**
   * One body, two calls, one of which relies on the attribute's default; the second returns a graph
   * output.
   */
  @Test
  void sharedBodyWithAttributes() {
    assertRewrite(
        InlineFunctions::run,
        """
        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
        g (float[2,3] x, float[3] w0, float[3] w1) => (float[2,3] y) {
          [b0] h = local.block<slope: float = 0.5>(x, w0)
          [b1] y = local.block(h, w1)
        }
        <domain: "local", opset_import: ["" : 17]>
        block <slope: float = 0.25> (a, w) => (c) {
          [m] m = Mul(a, w)
          [l] c = LeakyRelu<alpha: float = @slope>(m)
        }
        """,
        """
        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
        g (float[2,3] x, float[3] w0, float[3] w1) => (float[2,3] y) {
          ["b0/m"] "b0/m" = Mul(x, w0)
          ["b0/l"] "b0/c" = LeakyRelu<alpha = 0.5>("b0/m")
          ["b1/m"] "b1/m" = Mul("b0/c", w1)
          ["b1/l"] "b1/c" = LeakyRelu<alpha = 0.25>("b1/m")
          ["b1/result"] y = Identity("b1/c")
        }
        """);
  }

  @Test
  void functionsThatCallFunctions() {
    assertRewrite(
        InlineFunctions::run,
        """
        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
        g (float[2,3] x) => (float[2,3] y) {
          [b] h = local.outer(x)
          [end] y = Neg(h)
        }
        <domain: "local", opset_import: ["" : 17, "local" : 1]>
        outer (a) => (c) {
          [i] b = local.inner(a)
          [j] c = local.inner(b)
        }
        <domain: "local", opset_import: ["" : 17]>
        inner (a) => (c) {
          [n] c = Abs(a)
        }
        """,
        """
        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
        g (float[2,3] x) => (float[2,3] y) {
          ["b/i/n"] "b/i/c" = Abs(x)
          ["b/j/n"] "b/j/c" = Abs("b/i/c")
          [end] y = Neg("b/j/c")
        }
        """);
  }

  /**
   * An operand that a call leaves out, a result nobody reads, and a body that hands an operand
   * through.
   */
  @Test
  void absentOperandsAndResults() {
    assertRewrite(
        InlineFunctions::run,
        """
        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
        g (float[2,3] x, float high) => (float[2,3] y, float[2,3] z) {
          [b] c, same = local.limit(x, , high)
          [d] , z = local.limit(x, , high)
          [n] s = Neg(same)
          [e] y = Add(c, s)
        }
        <domain: "local", opset_import: ["" : 17]>
        limit (a, low, high) => (c, a) {
          [clip] c = Clip(a, low, high)
        }
        """,
        """
        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
        g (float[2,3] x, float high) => (float[2,3] y, float[2,3] z) {
          ["b/clip"] "b/c" = Clip(x, , high)
          ["d/clip"] "d/c" = Clip(x, , high)
          ["d/result"] z = Identity(x)
          [n] s = Neg(x)
          [e] y = Add("b/c", s)
        }
        """);
  }

  @Test
  void endlessCalls() {
    assertThatThrownBy(
            () ->
                InlineFunctions.run(
                    parse(
                        """
                        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
                        g (float[2,3] x) => (float[2,3] y) { y = local.again(x) }
                        <domain: "local", opset_import: ["local" : 1]>
                        again (a) => (c) { c = local.again(a) }
                        """)))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessageContaining("without end");
  }

  @Test
  void bodyOfAnotherOpset() {
    assertThatThrownBy(
            () ->
                InlineFunctions.run(
                    parse(
                        """
                        <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
                        g (float[2,3] x) => (float[2,3] y) { [call] y = local.f(x) }
                        <domain: "local", opset_import: ["" : 11]>
                        f (a) => (c) { c = Neg(a) }
                        """)))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("version 11")
        .hasMessageContaining("call");
  }
}
