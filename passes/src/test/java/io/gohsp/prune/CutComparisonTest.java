package io.gohsp.prune;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.normalize.SeparateParameters;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.tensor.Tensor;
import io.gohsp.text.OnnxText;
import org.junit.jupiter.api.Test;

/** What counts as the same cut, and what does not. */
class CutComparisonTest {
  private static final String HEAD = "<ir_version: 8, opset_import: [\"\" : 17]>\n";

  private static final String SHARED =
      HEAD
          + """
          g (float[2,3] x) => (float[2,3] y) <float[3] b = {0,0,0}> {
            i = Identity(b)
            p = Add(x, b)
            q = Relu(p)
            y = Add(q, i)
          }
          """;

  private static Model model(String text) {
    return OnnxText.parse(text);
  }

  /** An exporter stores equal constants once; training gives each reader its own. */
  @Test
  void whereAConstantIsStoredDoesNotCount() {
    String apart =
        HEAD
            + """
            g (float[2,3] x) => (float[2,3] y) <float[3] b = {0,0,0}> {
              c = Constant<value = float[3] {0,0,0}>()
              p = Add(x, b)
              q = Relu(p)
              y = Add(q, c)
            }
            """;
    assertThat(CutComparison.of(model(SHARED), model(apart)).isSame()).isTrue();
    assertThat(CutComparison.of(model(apart), model(SHARED)).isSame()).isTrue();

    Model separate = model(SHARED);
    SeparateParameters.run(separate);
    assertThat(CutComparison.of(model(SHARED), separate).isSame()).isTrue();
  }

  @Test
  void everyReaderOfASharedConstantIsCompared() {
    Model separate = model(SHARED);
    SeparateParameters.run(separate);
    separate.graph().initializers().get(1).setConstant(Tensor.ofFloats(new long[] {3}, 0, 1, 0));

    CutComparison comparison = CutComparison.of(model(SHARED), separate);

    assertThat(comparison.otherGraph()).isNull();
    assertThat(comparison.otherConstants()).hasSize(1);
    assertThat(comparison.otherConstants().get(0).problem())
        .isEqualTo("has 1.0 at element 1 where the cut has 0.0");
  }

  @Test
  void anIdentityOfAnActivationIsANode() {
    String with = SHARED.replace("q = Relu(p)", "r = Identity(p)\n  q = Relu(r)");
    assertThat(CutComparison.of(model(SHARED), model(with)).otherGraph()).contains("stands where");
  }

  @Test
  void textsInANodeAreCompared() {
    String text =
        HEAD
            + """
            g (float[2,3] x) => (float[2,3] y) {
              t = Constant<value_strings = ["a", "b"]>()
              y = Relu(x)
            }
            """;
    assertThat(CutComparison.of(model(text), model(text)).isSame()).isTrue();
    assertThat(CutComparison.of(model(text), model(text.replace("\"b\"", "\"c\""))).isSame())
        .isFalse();
  }

  /** As a tokeniser's or a label encoder's table. */
  @Test
  void textsInAnInitializerAreCompared() throws Exception {
    assertThat(CutComparison.of(table("left", "right"), table("left", "right")).isSame()).isTrue();
    assertThat(CutComparison.of(table("left", "right"), table("left", "other")).otherConstants())
        .hasSize(1);
    assertThat(CutComparison.of(table("left", "right"), table("leftr", "ight")).otherConstants())
        .hasSize(1);
  }

  private static Model table(String... texts) throws Exception {
    Model gather =
        model(
            HEAD
                + """
                g (int64[2] x) => (string[2] y) <float[2] t = {0,0}> { y = Gather(t, x) }
                """);
    ModelProto.Builder proto =
        ModelProto.parseFrom(io.gohsp.io.OnnxWriter.toBytes(gather)).toBuilder();
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("t")
            .setDataType(TensorProto.DataType.STRING_VALUE)
            .addDims(texts.length);
    for (String text : texts) {
      tensor.addStringData(ByteString.copyFromUtf8(text));
    }
    proto.getGraphBuilder().setInitializer(0, tensor);
    return OnnxReader.read(proto.build().toByteArray(), null);
  }
}
