package io.gohsp.shape;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.text.OnnxText;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule against ONNX Runtime, on one-operator models with symbolic inputs. */
class ShapeRulesTest {
  /**
   * What the symbols are when ONNX Runtime runs; all different, and different from the numbers in
   * the models.
   */
  private static final Map<String, Long> SYMBOLS =
      Map.of("B", 2L, "N", 5L, "M", 7L, "H", 16L, "W", 18L, "ONE", 1L);

  /**
   * Newer than ONNX Runtime (SwiGLU), or only for other processors, so that nothing here can run
   * them.
   */
  private static final Set<String> NOT_RUNNABLE =
      Set.of(
          "SwiGLU",
          "BiasAdd",
          "BiasDropout",
          "BiasSplitGelu",
          "BiasSoftmax",
          "BitmaskDropout",
          "GemmFastGelu",
          "GroupNorm",
          "NhwcConv",
          "NhwcFusedConv",
          "PackedAttention",
          "PackedMultiHeadAttention");

  /** Some extents depend on the contents of a tensor. */
  private static final Set<String> DATA_DEPENDENT =
      Set.of("Compress", "GroupQueryAttention", "Loop", "NonZero", "NonMaxSuppression", "Unique");

  static Stream<String> models() {
    return SmallModels.all();
  }

  @ParameterizedTest
  @MethodSource("models")
  void agreesWithOnnxRuntime(String text) throws OrtException {
    Model model = OnnxText.parse(text);
    ShapeFacts facts = ShapeInference.of(model);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      inputs.put(input.name(), ramp(facts.type(input), extents(facts.shape(input))));
    }
    ActualValues.of(model, inputs).forEach((value, actual) -> assertAgrees(value, facts, actual));
  }

  private static void assertAgrees(Value value, ShapeFacts facts, ActualValues.Actual actual) {
    Node node = value.producer().orElseThrow();
    assertThat(facts.type(value)).as("type of %s of %s", value, node).isEqualTo(actual.type());
    List<Size> shape = facts.shape(value);
    assertThat(shape)
        .as("rank of %s of %s", value, node)
        .isNotNull()
        .hasSize(actual.shape().size());
    for (int axis = 0; axis < actual.shape().size(); axis++) {
      OptionalLong extent = shape.get(axis).evaluate(SYMBOLS);
      if (extent.isPresent() || !DATA_DEPENDENT.contains(node.op().type())) {
        assertThat(extent)
            .as("axis %d of %s of %s: %s", axis, value, node, shape)
            .hasValue(actual.shape().get(axis));
      }
    }
    SymbolicTensor data = facts.data(value);
    for (int i = 0; data != null && i < actual.whole().size(); i++) {
      Size element = data.element(i);
      if (element != null) {
        assertThat(element.evaluate(SYMBOLS))
            .as("element %d of %s of %s: %s", i, value, node, data)
            .hasValue(actual.whole().get(i));
      }
    }
  }

  private static long[] extents(List<Size> shape) {
    return shape.stream().mapToLong(extent -> extent.evaluate(SYMBOLS).orElseThrow()).toArray();
  }

  /** Small fractions, and 0, 1, 0, 1 … as whole numbers, which are valid indices everywhere. */
  private static Tensor ramp(ElementType type, long[] dims) {
    int count = (int) SymbolicTensor.count(dims);
    if (type.isFloating()) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (i % 7 - 3) * 0.25f;
      }
      return Tensor.ofFloats(type, dims, values);
    }
    long[] values = new long[count];
    Arrays.setAll(values, i -> i % 2);
    return Tensor.ofIntegers(type, dims, values);
  }

  @Test
  void coversEveryRule() {
    Set<OpId> run =
        models()
            .map(OnnxText::parse)
            .flatMap(model -> model.graph().nodes().stream())
            .map(Node::op)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    assertThat(ShapeRules.standard().operators())
        .filteredOn(op -> !NOT_RUNNABLE.contains(op.type()))
        .isSubsetOf(run);
  }
}
