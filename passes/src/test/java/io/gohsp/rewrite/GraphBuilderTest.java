package io.gohsp.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphBuilderTest {
  private final Model model = model(17);
  private final Value x =
      model.graph().addInput("x", ValueType.TensorType.of(ElementType.FLOAT, 2, 6));
  private final GraphBuilder g = GraphBuilder.appendingTo(model.graph());

  private static Model model(long opset) {
    Model model = new Model("test", null);
    model.opsets().put("", opset);
    return model;
  }

  private List<String> nodeNames() {
    return model.graph().nodes().stream().map(Node::name).toList();
  }

  @Test
  void namesNodesByScopeAndOperator() {
    Value y = g.in("blocks.3").in("attn").matMul(x, x);

    assertThat(nodeNames()).containsExactly("/blocks.3/attn/MatMul");
    assertThat(y.name()).isEqualTo("/blocks.3/attn/MatMul");
  }

  @Test
  void numbersNamesThatAreTaken() {
    g.in("a").add(x, x);
    g.in("a").add(x, x);

    assertThat(nodeNames()).containsExactly("/a/Add", "/a/Add_1");
  }

  @Test
  void givesTheNameThatWasChosenToTheNodeAndNotToItsOperand() {
    Value y = g.in("a").as("merged").reshape(x, -1);

    assertThat(y.name()).isEqualTo("/a/merged");
    assertThat(node(y).input(1).name()).isEqualTo("/a/merged.shape");
  }

  @Test
  void writesBeforeTheAnchorInTheOrderOfTheCalls() {
    Value last = g.as("last").add(x, x);
    GraphBuilder before = GraphBuilder.before(node(last));
    Value first = before.as("first").mul(x, x);
    before.as("second").split(first, 1, 2, 4);

    assertThat(nodeNames()).containsExactly("/first", "/second", "/last");
    IrVerifier.verify(model);
  }

  @Test
  void givesEveryNodeItsOwnShapeOperand() {
    Value a = g.reshape(x, 3, 4);
    Value b = g.reshape(x, 3, 4);

    assertThat(node(a).input(1)).isNotSameAs(node(b).input(1));
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void writesSizesAsAttributesBeforeOperatorSet13(long opset) {
    model.opsets().put("", opset);

    Node split = node(g.split(x, 1, 2, 4).get(0));
    Node sum = node(g.reduceSum(x, true, 0, 1));

    assertThat(split.inputs()).containsExactly(x);
    assertThat(split.intsAttribute("split")).containsExactly(2L, 4L);
    assertThat(sum.inputs()).containsExactly(x);
    assertThat(sum.intsAttribute("axes")).containsExactly(0L, 1L);
  }

  @Test
  void writesSizesAsOperandsSinceOperatorSet13() {
    List<Value> parts = g.split(x, 1, 2, 4);
    Node split = node(parts.get(0));
    Node squeeze = node(g.squeeze(g.unsqueeze(x, 0), 0));

    assertThat(parts).hasSize(2);
    assertThat(split.attribute("split")).isNull();
    assertThat(Objects.requireNonNull(split.input(1).constant()).longs()).containsExactly(2, 4);
    assertThat(Objects.requireNonNull(squeeze.input(1).constant()).longs()).containsExactly(0);
  }

  @Test
  void keepsAbsentInputsAbsent() {
    Value clipped = g.op("Clip", x, null, g.scalar(1));

    assertThat(node(clipped).optionalInput(1)).isNull();
    assertThat(node(clipped).inputs()).hasSize(3);
  }

  private static Node node(Value value) {
    return value.producer().orElseThrow();
  }
}
