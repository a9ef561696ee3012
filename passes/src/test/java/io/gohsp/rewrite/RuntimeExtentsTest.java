package io.gohsp.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.ActualValues;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import io.gohsp.text.GraphAssert;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Extents that nodes compute at run time, compared with what they come to on paper. */
class RuntimeExtentsTest {
  private static final Size B = Size.symbol("B");
  private static final Size N = Size.symbol("N");
  private static final Map<String, Long> RUN = Map.of("B", 3L, "N", 8L);

  private static Model model() {
    return GraphAssert.parse(
        """
        g (float[B,N,4] x) => (float[B,N,4] y) <int64 i0 = {0}, int64 five = {5}> {
          s = Shape(x)
          b = Gather(s, i0)
          heads = Mul(b, five)
          y = Identity(x)
        }
        """);
  }

  static Stream<Size> sizes() {
    Size odd = N.minus(Size.of(3));
    return Stream.of(
        B,
        B.times(Size.of(2)),
        B.times(Size.of(5)),
        B.times(N).plus(Size.ONE),
        Size.of(2).minus(N),
        N.minus(Size.of(3)).floorDiv(Size.of(2)),
        Size.of(2).minus(N).floorDiv(Size.of(4)),
        odd.mod(Size.of(4)).times(B),
        Size.max(B, N).plus(Size.min(B, N)),
        B.times(N).times(Size.of(4)).floorDiv(N.plus(Size.of(7))));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void comeToWhatTheSizeSays(Size size) throws Exception {
    Model model = model();
    Node reader = model.graph().nodes().get(3);
    Value extent = new RuntimeExtents(reader, ShapeInference.of(model)).vectorOf(size);
    Tensor x = Tensor.ofFloats(new long[] {3, 8, 4}, new float[96]);
    ActualValues.Actual actual = ActualValues.of(model, Map.of("x", x)).get(extent);
    assertThat(actual.shape()).containsExactly(1L);
    assertThat(actual.whole()).containsExactly(size.evaluate(RUN).orElseThrow());
  }

  @Test
  void takesWhatTheGraphComputesAnyway() {
    Model model = model();
    Node reader = model.graph().nodes().get(3);
    new RuntimeExtents(reader, ShapeInference.of(model)).vectorOf(B.times(Size.of(10)));
    assertThat(model.graph().nodes().stream().map(node -> node.op().type()))
        .as("b is there: it need not be read from a shape again")
        .isEqualTo(List.of("Shape", "Gather", "Mul", "Reshape", "Mul", "Identity"));
  }

  @Test
  void refusesWhatNothingTells() {
    Model model = model();
    Node reader = model.graph().nodes().get(3);
    assertThatThrownBy(
            () -> new RuntimeExtents(reader, ShapeInference.of(model)).vectorOf(Size.symbol("M")))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("needs an extent of M");
  }
}
