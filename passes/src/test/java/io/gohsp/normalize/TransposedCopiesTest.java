package io.gohsp.normalize;

import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.assertUnchanged;
import static io.gohsp.text.GraphAssert.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.autodiff.TiedParameters;
import org.junit.jupiter.api.Test;

/** An embedding that is the head as well stays one parameter. */
class TransposedCopiesTest {
  private static final String FOLDED =
      """
      g (int64[2] i) => (float[2,3] y)
          <float[3,2] e = {1,2,3,4,5,6}, float[2,3] h = {1,3,5,2,4,6}> {
        x = Gather(e, i)
        y = MatMul(x, h)
      }
      """;

  private static final String TIED =
      """
      g (int64[2] i) => (float[2,3] y) <float[3,2] e = {1,2,3,4,5,6}> {
        [e_transposed] e_transposed = Transpose(e)
        x = Gather(e, i)
        y = MatMul(x, e_transposed)
      }
      """;

  @Test
  void becomesATranspose() {
    assertRewrite(TransposedCopies::tie, FOLDED, TIED);
    assertUnchanged(TransposedCopies::tie, TIED);
  }

  @Test
  void isNamedAsTied() {
    assertThat(TiedParameters.of(parse(FOLDED)))
        .containsExactly(new TiedParameters.Tied("e", 2))
        .isEqualTo(TiedParameters.of(parse(TIED)));
  }

  /**
   * One number differs, all are equal, or the shapes fit and the numbers are those of the matrix.
   */
  @Test
  void whatIsNoCopyStays() {
    assertUnchanged(TransposedCopies::tie, FOLDED.replace("{1,3,5,2,4,6}", "{1,3,5,2,4,7}"));
    assertUnchanged(
        TransposedCopies::tie,
        FOLDED.replace("{1,3,5,2,4,6}", "{0,0,0,0,0,0}").replace("{1,2,3,4,5,6}", "{0,0,0,0,0,0}"));
    assertUnchanged(TransposedCopies::tie, FOLDED.replace("{1,3,5,2,4,6}", "{1,2,3,4,5,6}"));
  }

  /** Two layers that began as the identity, or as the transpose of each other, are two layers. */
  @Test
  void onlyWhatIsLookedUpInIsATable() {
    assertUnchanged(
        TransposedCopies::tie,
        """
        g (float[2,2] x) => (float[2,2] y) <float[2,2] v = {1,0,0,1}, float[2,2] w = {1,0,0,1}> {
          h = MatMul(x, v)
          y = MatMul(h, w)
        }
        """);
  }
}
