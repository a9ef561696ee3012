package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Block;
import io.gohsp.vit.TinyTransformer;
import io.gohsp.vit.TransformerRecognizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Columns that differ by head: what is cut out of a tensor is what its mask leaves on, in every
 * tensor, whichever way heads and columns lie in it.
 */
class KeepsTest {
  /** Weights [D, heads, columns] and back, as in einsum layers. */
  private static final String EINSUM = einsum("8,2,3", "dhc", "2,3,8", "hcd");

  /** The same with heads last. */
  private static final String HEADS_LAST = einsum("8,3,2", "dch", "3,2,8", "chd");

  private static String einsum(String in, String inAxes, String out, String outAxes) {
    return """
        g (float[2,5,8] x) => (float[2,5,8] y)
        <float[IN] wq = range, float[IN] wk = range, float[IN] wv = range, float[OUT] wo = range> {
          q = Einsum<equation = "bnd,INAXES->bhnc">(x, wq)
          k = Einsum<equation = "bnd,INAXES->bhcn">(x, wk)
          v = Einsum<equation = "bnd,INAXES->bhnc">(x, wv)
          s = MatMul(q, k)
          a = Softmax<axis = -1>(s)
          c = MatMul(a, v)
          o = Einsum<equation = "bhnc,OUTAXES->bnd">(c, wo)
          y = Add(x, o)
        }
        """
        .replace("INAXES", inAxes)
        .replace("OUTAXES", outAxes)
        .replace("IN", in)
        .replace("OUT", out);
  }

  static List<Model> models() {
    return List.of(
        TinyTransformer.model(
            "float[2,5,8] x",
            TinyTransformer.TWO_HEADS + ", " + TinyTransformer.weights("a_"),
            TinyTransformer.attention("a_", "x", "y")),
        io.gohsp.text.GraphAssert.parse(EINSUM),
        io.gohsp.text.GraphAssert.parse(HEADS_LAST));
  }

  @ParameterizedTest
  @MethodSource("models")
  void selectionIsWhatTheMaskLeavesOn(Model model) {
    AxisAnalysis analysis = AxisAnalysis.of(model, ShapeInference.of(model));
    List<Block> blocks = TransformerRecognizer.blocks(analysis);
    BlockPlan both =
        new BlockPlan(
            "block 0",
            2,
            3,
            3,
            null,
            null,
            List.of(List.of(0, 2), List.of(1, 2)),
            List.of(List.of(2), List.of(0)),
            null);
    BlockPlan oneHead =
        new BlockPlan(
            "block 0",
            2,
            3,
            3,
            null,
            List.of(1),
            List.of(List.of(1, 2)),
            List.of(List.of(0)),
            null);
    for (BlockPlan plan : List.of(both, oneHead)) {
      Keeps keeps =
          PlanResolver.resolve(new PruningPlan(List.of(plan), Map.of()), blocks, Location.UNKNOWN);
      int cut = 0;
      for (var entry : analysis.layouts().entrySet()) {
        if (entry.getValue().stream().anyMatch(keeps::touches)) {
          compare(entry.getKey().name(), entry.getValue(), keeps);
          cut++;
        }
      }
      // Four weights, queries, keys, values and the weighted values.
      assertThat(cut).isGreaterThanOrEqualTo(8);
    }
  }

  private static void compare(String name, List<AxisLayout> axes, Keeps keeps) {
    long[] dims = axes.stream().mapToLong(layout -> layout.size().value()).toArray();
    int size = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = i;
    }
    Keeps.Mask mask = keeps.mask(axes);
    List<Float> on = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int rest = i;
      int element = 0;
      int stride = 1;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        int at = (int) (rest % dims[axis]);
        rest /= (int) dims[axis];
        element += mask.dims()[axis] == 1 ? 0 : at * stride;
        stride *= (int) mask.dims()[axis];
      }
      if (mask.values()[element] == 1) {
        on.add((float) i);
      }
    }
    List<Float> selected = new ArrayList<>();
    for (float number : Tensor.ofFloats(dims, numbers).select(keeps.selection(axes)).floats()) {
      selected.add(number);
    }
    // A view's elements are in its own order: where the choice depends on a later axis, not rising.
    assertThat(selected).as(name).containsExactlyInAnyOrderElementsOf(on);
    assertThat(selected).as(name).hasSizeLessThan(size);
  }
}
