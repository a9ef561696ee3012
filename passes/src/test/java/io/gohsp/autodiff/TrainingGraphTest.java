package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.fixture.FixtureNames;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.op.ConstantValue;
import io.gohsp.text.OnnxText;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a training graph looks like; what it computes is tested elsewhere. */
class TrainingGraphTest {
  private static final String LINEAR =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      g (float[B,N,3] x) => (float[B,4] logits)
      <float[3,4] weight = {1,2,3,4,5,6,7,8,9,10,11,12}, float[4] bias = {1,2,3,4}, int64 first = {0}>
      {
        h = MatMul(x, weight)
        biased = Add(h, bias)
        logits = Gather<axis = 1>(biased, first)
      }
      """;

  private static Model fixture(String name) {
    return OnnxReader.read(FixtureNames.ROOT.resolve(name).resolve("model.onnx"));
  }

  private static TrainingGraph classifier(Model model) {
    Value logits = model.graph().outputs().get(0);
    return TrainingGraph.of(model, TrainingOptions.of(new Loss.CrossEntropy(logits, 0, 1)));
  }

  @Test
  void listsInputsAndOutputsInOrder() {
    Model model = OnnxText.parse(LINEAR);
    TrainingGraph training = classifier(model);
    assertThat(training.parameters().keySet())
        .extracting(Value::name)
        .containsExactly("weight", "bias");
    assertThat(training.gradients().keySet()).isEqualTo(training.parameters().keySet());
    assertThat(training.model().graph().inputs())
        .extracting(Value::name)
        .containsExactly("x", "labels", "weight", "bias");
    assertThat(training.model().graph().outputs())
        .containsExactlyElementsOf(
            Stream.of(
                    List.of(training.loss()),
                    training.gradients().values(),
                    training.returned().values())
                .flatMap(Collection::stream)
                .toList());
    training
        .parameters()
        .forEach(
            (from, to) -> {
              assertThat(to.constant()).isNull();
              assertThat(to.type())
                  .isEqualTo(
                      ValueType.TensorType.of(
                          ConstantValue.of(from).type(), ConstantValue.of(from).dims()));
            });
  }

  @Test
  void leavesTheOriginalAlone() {
    Model model = fixture("hf_bert__fused_bert");
    byte[] before = OnnxWriter.toBytes(model);
    List<Loss> losses = List.of(new Loss.FeatureMatch(model.graph().outputs().get(0), 1));
    TrainingGraph.of(model, new TrainingOptions(Parameters::trainable, losses, List.of()));
    assertThat(OnnxWriter.toBytes(model)).isEqualTo(before);
  }

  @Test
  void computesOnlyWhatIsRead() {
    Model model = OnnxText.parse(LINEAR);
    List<Loss> losses = List.of(new Loss.CrossEntropy(model.graph().outputs().get(0), 0, 1));
    TrainingGraph training =
        TrainingGraph.of(
            model, new TrainingOptions(value -> value.name().equals("bias"), losses, List.of()));
    assertThat(training.gradients()).hasSize(1);
    assertThat(training.model().graph().nodes())
        .filteredOn(node -> node.is("MatMul") || node.is("Gemm"))
        .as("the forward product only")
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "timm_vit_legacy_op17_nofold",
        "hf_vit__fused_vit"
      })
  void weightGradientsAreOneGemmOverRows(String name) {
    TrainingGraph training = classifier(fixture(name));
    int weights = 0;
    for (var gradient : training.gradients().entrySet()) {
      long[] dims = ConstantValue.of(gradient.getKey()).dims();
      boolean weight =
          dims.length == 2
              && gradient.getKey().uses().stream()
                  .map(Use::node)
                  .allMatch(n -> n.is("MatMul") || n.is("Gemm") || n.is("Transpose"));
      if (weight) {
        Node producer = behindFactors(gradient.getValue());
        assertThat(producer.op().type()).as(gradient.getKey().name()).isEqualTo("Gemm");
        assertThat(producer.intAttribute("transA", 0)).isEqualTo(1);
        weights++;
      }
    }
    assertThat(weights).isGreaterThanOrEqualTo(9);
    assertThat(training.model().graph().nodes())
        .filteredOn(node -> node.is("Gemm"))
        .flatExtracting(node -> node.presentInputs().flatMap(v -> v.producer().stream()).toList())
        .extracting(node -> node.op().type())
        .doesNotContain("Transpose");
  }

  /** What computes a value, but for factors and terms of the weight's own size. */
  private static Node behindFactors(Value value) {
    Node node = value.producer().orElseThrow();
    while (node.is("Add") || node.is("Mul")) {
      node = node.input(0).producer().orElseThrow();
    }
    return node;
  }

  @Test
  void gradientsComeLastAndThoseOfTheLastLayerAtTheEnd() {
    TrainingGraph training = classifier(fixture("timm_vit_legacy_op17_unfused"));
    List<Node> nodes = training.model().graph().nodes();
    List<Boolean> read =
        nodes.stream()
            .map(node -> node.presentOutputs().anyMatch(output -> !output.uses().isEmpty()))
            .toList();
    assertThat(read.lastIndexOf(true)).isLessThan(read.indexOf(false));
    List<String> last =
        training.gradients().entrySet().stream()
            .sorted(Comparator.comparing(g -> nodes.indexOf(g.getValue().producer().orElseThrow())))
            .map(gradient -> gradient.getKey().name())
            .toList();
    assertThat(last.get(last.size() - 1)).startsWith("head");
    assertThat(last.indexOf("blocks.0.mlp.fc1.bias"))
        .isLessThan(last.indexOf("blocks.1.mlp.fc1.bias"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf_bert__fused_bert",
        "hf_clip__fused_clip",
        "hf_vit__ms_mha",
        "hf_vit__onnx_attention23_3d",
        "timm_vit__functions_shared"
      })
  void usesStandardOperatorsOnly(String name) {
    Model model = fixture(name);
    List<Loss> losses = List.of(new Loss.FeatureMatch(model.graph().outputs().get(0), 1));
    TrainingGraph training =
        TrainingGraph.of(model, new TrainingOptions(Parameters::trainable, losses, List.of()));
    assertThat(Traversal.allNodes(training.model()))
        .allSatisfy(node -> assertThat(node.op().domain()).isEmpty());
  }

  @Test
  void geluIsOneNode() {
    TrainingGraph training = classifier(fixture("timm_vit_legacy_op17_unfused"));
    assertThat(training.model().graph().nodes()).filteredOn(node -> node.is("Gelu")).hasSize(2);
  }

  @Test
  void piecesOfOneValueComeBackAsOneConcat() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[2,3] x) => (float[2,2] y)
            <float[3,6] w = {1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9},
             int64[1] a = {0}, int64[1] b = {2}, int64[1] c = {4}, int64[1] d = {6}, int64[1] one = {1}>
            {
              h = MatMul(x, w)
              q = Slice(h, a, b, one)
              k = Slice(h, b, c, one)
              v = Slice(h, c, d, one)
              qk = Mul(q, k)
              y = Mul(qk, v)
            }
            """);
    TrainingGraph training = classifier(model);
    assertThat(training.model().graph().nodes())
        .extracting(node -> node.op().type())
        .contains("Concat")
        .doesNotContain("Pad");
  }

  @Test
  void saysWhatCannotBeDifferentiated() {
    assertThatThrownBy(() -> classifier(fixture("timm_vit__int8_qdq")))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("no gradient rule for QuantizeLinear (")
        .hasMessageContaining("DequantizeLinear (")
        .hasMessageContaining(" nodes)")
        .hasMessageEndingWith("(quantised: fine-tune the float model)");
  }

  @Test
  void halfPrecisionWeightsHaveFloatMasters() {
    TrainingGraph training = classifier(fixture("timm_vit__fp16_io16"));
    assertThat(training.parameters().values())
        .extracting(value -> ((ValueType.TensorType) value.type()).element().name())
        .containsOnly("FLOAT");
  }
}
