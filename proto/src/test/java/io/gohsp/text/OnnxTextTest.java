package io.gohsp.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxTextTest {
  private static Tensor initializer(String entry) {
    Tensor constant =
        OnnxText.parse("g () => () <" + entry + "> {}").graph().initializers().get(0).constant();
    assertThat(constant).isNotNull();
    return constant;
  }

  @Test
  void readsWhatTheTextSays() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["ai.onnx" : 17, "com.microsoft" : 1], producer_name: "someone"> # comment
            tiny (float[B,3,?] x, float s = {1.5}) => (float y) { y = Neg(x) }
            """);
    assertThat(model.irVersion()).isEqualTo(8);
    assertThat(model.opset()).isEqualTo(17);
    assertThat(model.opsets()).containsEntry("com.microsoft", 1L);
    assertThat(model.graph().name()).isEqualTo("tiny");
    var inputs = model.graph().inputs();
    assertThat(inputs.get(0).type())
        .isEqualTo(
            new ValueType.TensorType(
                ElementType.FLOAT, List.of(Dim.of("B"), Dim.of(3), Dim.UNKNOWN)));
    assertThat(inputs.get(1).type()).isEqualTo(ValueType.TensorType.of(ElementType.FLOAT));
    assertThat(model.graph().initializers()).containsExactly(inputs.get(1));
    Node neg = model.graph().nodes().get(0);
    assertThat(neg.op()).isEqualTo(OpId.of("Neg"));
    assertThat(neg.inputs()).containsExactly(inputs.get(0));
    assertThat(model.graph().outputs()).containsExactly(neg.output());
  }

  @Test
  void absentOperandsAreNull() {
    Node node =
        OnnxText.parse("g (x) => () { y, , \"\", z, = F(, x, \"\", ,x,) }").graph().nodes().get(0);
    assertThat(node.inputs())
        .extracting(v -> v == null ? null : v.name())
        .containsExactly(null, "x", null, null, "x");
    assertThat(node.outputs())
        .extracting(v -> v == null ? null : v.name())
        .containsExactly("y", null, null, "z");
  }

  @Test
  void wholeNumbersAreFloatsWhereTheAnnotationSaysSo() {
    Node node =
        OnnxText.parse("g () => () { y = F<a: float = 2, b: floats = [1, 2.5], c = 2>() }")
            .graph()
            .nodes()
            .get(0);
    assertThat(node.attributes())
        .extracting(Attribute::content)
        .containsExactly(
            new Attribute.FloatValue(2),
            new Attribute.FloatsValue(List.of(1f, 2.5f)),
            new Attribute.IntValue(2));
  }

  @Test
  void nestedGraphsReadValuesAroundThem() {
    Model model =
        OnnxText.parse("g (c, x) => (y) { y = If(c) <then_branch = t () => (a) { a = Neg(x) }> }");
    assertThat(model.graph().inputs().get(1).uses()).hasSize(1);
  }

  @Test
  void randomIsNormalWithTheGivenSeedAndDeviation() {
    Random random = new Random(7);
    float[] values = initializer("float[100,200] w = random(7, 0.1)").floats();
    assertThat(values).hasSize(20_000);
    assertThat(values[0]).isEqualTo((float) (random.nextGaussian() * 0.1));
    assertThat(values[1]).isEqualTo((float) (random.nextGaussian() * 0.1));
    double squares = 0;
    for (float value : values) {
      squares += value * value;
    }
    // The estimate's own deviation is 0.1 / sqrt(2 * 20000) = 0.0005.
    assertThat(Math.sqrt(squares / values.length)).isBetween(0.0985, 0.1015);
  }

  @Test
  void generatesContents() {
    assertThat(initializer("float16[2] w = zeros").floats()).containsExactly(0, 0);
    assertThat(initializer("int64[2] w = ones").longs()).containsExactly(1, 1);
    assertThat(initializer("uint8[2,2] w = range").longs()).containsExactly(0, 1, 2, 3);
    assertThat(initializer("float[2] random = range").floats()).containsExactly(0, 1);
  }

  @Test
  void wholeNumbersAreBitPatternsOfSixteenBitFloats() {
    assertThat(initializer("float16[2] w = {15360, 48128}").floats()).containsExactly(1, -1);
    assertThat(initializer("bfloat16[2] w = {1.0, -2.5}").floats()).containsExactly(1, -2.5f);
  }

  @Test
  void errorsPointAtThePlace() {
    assertThatThrownBy(
            () ->
                OnnxText.parse(
                    """
                    g (float[2] x) => (y) {
                      z = Neg(x)
                      y = Add(x, q)
                    }
                    """))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage(
            """
            line 3, column 14: nothing before this defines "q"
                y = Add(x, q)
                           ^""");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          g                                        | column 2: expected '(', found the end of the text
          g (x, x) => () {}                        | column 7: "x" is defined twice
          g () => (y) {}                           | column 10: nothing before this defines "y"
          g (x) => () { x = Neg(x) }               | column 15: "x" is defined twice
          g () => () <float t> {}                  | column 19: the graph has no value "t"
          g (x) => (y) { y = Neg(x }               | column 26: expected ')', found '}'
          g () => () { y = F<a = 1, a = 2>() }     | column 27: attribute "a" is given twice
          g () => () { y = F<a = []>() }           | column 24: an empty list needs its type, as in "x: ints = []"
          g () => () { y = F<a = [1, 2.0]>() }     | column 28: the values of a list should be of one kind
          g () => () { y = F<a: int = "s">() }     | column 29: expected a value of type int, found string
          g () => () { y = F<a: whole = 1>() }     | column 23: expected the type of an attribute
          g () => () { y = F<a = seq(float)>() }   | column 24: attributes that are types cannot be read
          g () => () <float[2] w = {1}> {}         | column 26: 1 elements where the type has 2
          g () => () <float[2] w = {1,2,3}> {}     | column 31: more elements than the type has, which is 2
          g () => () <float[-1] w = {}> {}         | column 19: an extent cannot be negative
          g () => () <float[N] w = {1}> {}         | column 13: a tensor with contents needs numbers as extents
          g () => () <float[99999,99999] w = zeros> {} | column 13: a tensor in a text may have at most
          g () => () <float[60000000] w = {1}> {}  | column 33: fewer elements than the type has
          g () => () <float[20] w = {...}> {}      | column 27: the contents were left out when this was printed
          g () => () <int8 w = {200}> {}           | column 23: '200' is not between -128 and 127
          g () => () <int8 w = random(1, 1)> {}    | column 22: random cannot make elements of type int8
          g () => () <float w = ramp> {}           | column 23: expected '{', random(SEED, DEVIATION)
          g () => () <float w = {1e99}> {}         | column 24: '1e99' is too large
          g () => () <string w = {"a"}> {}         | column 13: elements of type string have no notation
          g () => () <float w = ["location" : "f"]> {} | column 23: external data cannot be read from text
          g (float[2] x) => () <float[3] x> {}     | column 32: declared as float[3] here and as float[2] elsewhere
          <version: 3> g () => () {}               | column 2: expected ir_version, opset_import
          g (x) => () { y = Neg(x) $               | column 26: unexpected character '$'
          "g                                       | column 1: this string does not end
          g () => () { y = F<a = 99999999999999999999>() } | column 24: '99999999999999999999' does not fit 64 bits
          """)
  void refuses(String text, String problem) {
    assertThatThrownBy(() -> OnnxText.parse(text))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessageStartingWith("line 1, " + problem);
  }

  @Test
  void refusesEndlessNesting() {
    String text = "g () => () {" + "y = If() <b = g () => () {".repeat(10_000);
    assertThatThrownBy(() -> OnnxText.parse(text)).hasMessageContaining("nested more than 32 deep");
  }
}
