package io.gohsp.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {
  private static void assertRoundTrip(Model model) {
    String text = OnnxPrinter.print(model, TensorText.FULL);
    Model again = OnnxText.parse(text);
    IrVerifier.verify(again);
    assertThat(ModelDescription.of(again)).isEqualTo(ModelDescription.of(model));
    assertThat(OnnxPrinter.print(again, TensorText.FULL)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<ir_version: 10, opset_import: [\"\" : 17, \"com.microsoft\" : 1], metadata_props: [\"a\" : \"b\\\"c\"]> g () => () {}",
        "\"my graph\" (float[B,3,\"H/2\",?] x, bool c, float[] r, untyped, seq(float[N]) s) => (float y, x) { y = Neg(x) }",
        "g (float[3] x = {1,2,3}, float[N] \"float\") => (y) <float[2] w = {1,2}, float[5] y, float[2] w, float[3] x>"
            + " { y = Sum(x, w, \"float\") }",
        "g (x) => (y) { [\"n 1\"] a, \"\", b = com.microsoft.Foo:o(x, \"\", x)  \"\", y = \"pkg.torch.2.1+c\".Bar(, a)  = Sink(y) }",
        "g () => (y) { y = C<i = -1, f = 2.0, g = -inf, h = 1e-20, s = \"q\\\\\\\"\n\", is = [1, 2], fs = [1.0, 2.5],"
            + " ss = [\"a\"], e: ints = [], ef: floats = [], es: strings = [], \"odd name\" = 1, t = float16[2] {1.0, 0.5}>() }",
        "g (c, x) => (y) { y = If(c) <then_branch = \"t/1\" () => (a) <float[1] w = {3}> { a = Add(x, w) }, n = 1,"
            + " many = [e1 () => (b) { b = Neg(x) }, e2 () => (d) { d = If(c) <z = q () => (x) {}>  }]> }",
        "g (x) => (y) { y = own.F<alpha = 1.0>(x) } <domain: \"own\", overload: \"v\", opset_import: [\"\" : 17]>"
            + " F <alpha, beta: float = 2, gamma = [1]> (float[N] x) => (y) <float[N] y> { y = Elu<alpha: float = @alpha>(x) }",
        "g () => (inf, \"nan\") <float inf = {inf}, double nan = {nan}, uint4[3] u = {1,2,15}, int4[2] i = {-8,7},"
            + " bool[2] b = {0,1}, float8e4m3fn[2] e = {0,255}, bfloat16 h = {nan}, float[0] z = {}, uint64 m = {18446744073709551615},"
            + " int8[2] j = {-128,127}, int64[2] k = {-9223372036854775808,9223372036854775807}, uint32 l = {4294967295}> {}"
      })
  void everyNotationReadsBack(String text) {
    assertRoundTrip(OnnxText.parse(text));
  }

  @Property(tries = 200)
  void anyNamesReadBack(
      @ForAll @Size(min = 4, max = 4) @UniqueElements List<@NotEmpty String> names,
      @ForAll String free) {
    Model model = new Model(free, null);
    Value x = model.graph().addInput(names.get(0), null);
    Value w = model.graph().addInitializer(names.get(1), Tensor.ofLongs(1));
    Value y = model.graph().newValue(names.get(2));
    var node =
        model
            .graph()
            .append(new OpId(names.get(0), names.get(1), free), free, List.of(x, w), List.of(y));
    node.setAttribute(Attribute.of(names.get(3), free));
    model.graph().addOutput(y);
    model.metadata().put(free, free);
    assertRoundTrip(model);
  }

  @Property(tries = 200)
  void anyNumbersReadBack(
      @ForAll float[] floats,
      @ForAll double[] doubles,
      @ForAll long[] longs,
      @ForAll float single) {
    Model model = new Model("g", null);
    var graph = model.graph();
    graph.addInitializer("f", Tensor.ofFloats(new long[] {floats.length}, floats));
    graph.addInitializer(
        "h", Tensor.ofFloats(ElementType.FLOAT16, new long[] {floats.length}, floats));
    graph.addInitializer(
        "b", Tensor.ofFloats(ElementType.BFLOAT16, new long[] {floats.length}, floats));
    long[] bits =
        IntStream.range(0, doubles.length)
            .mapToLong(i -> Double.doubleToLongBits(doubles[i]))
            .toArray();
    graph.addInitializer(
        "d", new Tensor(ElementType.DOUBLE, new long[] {bits.length}, Tensor.ofLongs(bits).data()));
    for (ElementType type : ElementType.values()) {
      if (type.isInteger() && type.bits() >= 8) {
        graph.addInitializer(
            type.name(), Tensor.ofIntegers(type, new long[] {longs.length}, longs));
      }
    }
    var node = graph.append(OpId.of("C"), "c");
    node.setAttribute(Attribute.of("single", single));
    node.setAttribute(
        Attribute.ofInts(
            "longs", IntStream.range(0, longs.length).mapToObj(i -> longs[i]).toList()));
    assertRoundTrip(model);
  }

  @Test
  void aPrintedModelOfTheUsualKindIsWhatOneWouldWrite() {
    String text =
        """
        <
          ir_version: 8,
          opset_import: ["" : 17]
        >
        mlp (float[B,3] x, bool c) => (float[B,2] y)
        <
          float[3,4] w1 = {1,2,3,4,5,6,7,8,9,10,11,-0.5},
          float[B,4] hidden
        > {
          hidden = MatMul(x, w1)
          [activation] active = Clip<max = 6.0>(hidden, "", w1)
          y = If(c) <
            then_branch = yes () => (a) {
              a = Neg(active)
            },
            else_branch = no () => (b)
            <
              float k = {2}
            > {
              b = Mul(active, k)
            }
          >
        }
        """;
    assertThat(OnnxPrinter.print(OnnxText.parse(text))).isEqualTo(text);
  }
}
