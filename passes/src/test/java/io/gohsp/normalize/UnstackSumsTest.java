package io.gohsp.normalize;

import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.assertUnchanged;

import io.gohsp.ir.Model;
import io.gohsp.shape.ShapeInference;
import org.junit.jupiter.api.Test;

/** What is stacked to be added up. */
class UnstackSumsTest {
  private static final String STACK =
      """
      g (float[2,3] a, float[2,3] b, float[2,3] c) => (float[%s] y)
      <int64[1] first = {0}> {
        d = Unsqueeze(a, first)
        e = Unsqueeze(b, first)
        f = Unsqueeze(c, first)
        s = Concat<axis = 0>(d, e, f)
        t = ReduceSum<keepdims = %d>(s, first)
        y = Neg(t)
      }
      """;

  private static void unstack(Model model) {
    UnstackSums.run(model, ShapeInference.of(model));
  }

  @Test
  void isAdded() {
    assertRewrite(
        UnstackSumsTest::unstack,
        STACK.formatted("2,3", 0),
        """
        g (float[2,3] a, float[2,3] b, float[2,3] c) => (float[2,3] y)
        <int64[1] first = {0}> {
          d = Unsqueeze(a, first)
          e = Unsqueeze(b, first)
          f = Unsqueeze(c, first)
          s = Concat<axis = 0>(d, e, f)
          [t_unstacked] t_unstacked = Add(a, b)
          [t_unstacked_1] t_unstacked_1 = Add(t_unstacked, c)
          t = ReduceSum<keepdims = 0>(s, first)
          y = Neg(t_unstacked_1)
        }
        """);
  }

  @Test
  void staysWhereTheAxisStaysOrIsAnother() {
    assertUnchanged(UnstackSumsTest::unstack, STACK.formatted("1,2,3", 1));
    assertUnchanged(
        UnstackSumsTest::unstack,
        """
        g (float[1,3] a, float[1,3] b) => (float[1,3] y)
        <int64[1] first = {0}, int64[1] second = {1}> {
          d = Unsqueeze(a, second)
          e = Unsqueeze(b, first)
          s = Concat<axis = 0>(d, e)
          t = ReduceSum<keepdims = 0>(s, first)
          y = Neg(t)
        }
        """);
  }
}
