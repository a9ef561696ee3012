package io.gohsp.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {
  private static final String HEADER = "<ir_version: 8, opset_import: [\"\" : 17, \"local\" : 1]> ";

  private static Model parse(String text) {
    return OnnxText.parse(HEADER + text);
  }

  /** The value of this name in the main graph, its nested graphs or a function. */
  private static Value named(Model model, String name) {
    Stream<Graph> graphs =
        Stream.concat(Stream.of(model.graph()), model.functions().stream().map(Function::body));
    return Stream.concat(
            Traversal.allNodes(model).flatMap(Node::presentOutputs),
            graphs.flatMap(graph -> graph.inputs().stream()))
        .filter(value -> value.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String shape(Model model, String name) {
    return String.valueOf(ShapeInference.of(model).shape(named(model, name)));
  }

  private static String data(Model model, String name) {
    return String.valueOf(ShapeInference.of(model).data(named(model, name)));
  }

  @Test
  void symbolsFlowThroughShapeArithmetic() {
    Model model =
        parse(
            """
            g (float[batch,17,72] x) => (y)
            <int64 zero = {0}, int64 one = {1}, int64 two = {2}, int64[1] axis = {0}, int64[2] heads = {3, 4}>
            {
              s = Shape(x)
              b = Gather(s, zero)
              n = Gather(s, one)
              c = Gather(s, two)
              h = Constant<value_int = 12>()
              d = Div(c, h)
              b1 = Unsqueeze(b, axis)
              n1 = Unsqueeze(n, axis)
              d1 = Unsqueeze(d, axis)
              t = Concat<axis = 0>(b1, n1, heads, d1)
              y = Reshape(x, t)
              bn = Mul(b, n)
              bn1 = Unsqueeze(bn, axis)
              m = Constant<value_ints = [-1]>()
              flat = Concat<axis = 0>(bn1, m)
              z = Reshape(y, flat)
            }
            """);
    assertThat(data(model, "t")).isEqualTo("[5][batch, 17, 3, 4, 6]");
    assertThat(shape(model, "y")).isEqualTo("[batch, 17, 3, 4, 6]");
    assertThat(shape(model, "z")).isEqualTo("[17*batch, 72]");
    assertThat(ShapeInference.of(model).constants(named(model, "d"))).containsExactly(6);
    assertThat(ShapeInference.of(model).constants(named(model, "t"))).isNull();
  }

  @Test
  void seesThroughTheGuardThatExpandComesWith() {
    Model model =
        parse(
            """
            g (float[N,5] x, float[1,1] token) => (y)
            {
              s = Shape(x)
              minus = Constant<value_ints = [-1, 5]>()
              k = Shape(s)
              ones = ConstantOfShape<value = int64[1] {1}>(k)
              is = Equal(s, minus)
              w = Where(is, ones, s)
              y = Expand(token, w)
            }
            """);
    assertThat(data(model, "is")).isEqualTo("[2][0, 1]");
    assertThat(shape(model, "y")).isEqualTo("[N, 1]");
  }

  /** Whatever h and w are, the reshape runs only if the tokens are as many as the positions. */
  @Test
  void anExtentIsWhatTheElementsLeaveIt() {
    Model model =
        parse(
            """
            g (float[b,c,h,w] x, float[b,17,6] t) => (y)
            <int64 i0 = {0}, int64 i2 = {2}, int64 i3 = {3}, int64 one = {1}, int64[1] axis0 = {0},
             int64[1] heads = {3}, int64[1] width = {2}> {
              s = Shape(x)
              b = Gather(s, i0)
              h = Gather(s, i2)
              w = Gather(s, i3)
              hw = Mul(h, w)
              n = Add(hw, one)
              b1 = Unsqueeze(b, axis0)
              n1 = Unsqueeze(n, axis0)
              target = Concat<axis = 0>(b1, n1, heads, width)
              y = Reshape(t, target)
            }
            """);
    assertThat(shape(model, "y")).isEqualTo("[b, 17, 3, 2]");
  }

  @Test
  void rangesCountInFractionsAndThroughCasts() {
    Model model =
        parse(
            """
            g (float[b,8] x) => (y)
            <float half = {0.5}, float one = {1.0}, int64 i1 = {1}> {
              s = Shape(x)
              n = Gather(s, i1)
              f = Cast<to = 1>(n)
              y = Range(half, f, one)
            }
            """);
    assertThat(shape(model, "y")).isEqualTo("[8]");
  }

  /** As the bounds of a range are written by an exporter that leaves the graph as it is. */
  @Test
  void constantsOfFractionsAreCastTowardsZero() {
    Model model =
        parse(
            """
            g (float[N,8] x, uint32 u) => (y, down, z)
            <float zero = {0.0}, float one = {1.0}, float back = {-1.0}, int64 i0 = {0},
             float[4] some = {-2.7, 2.7, 3e9, 0.4}> {
              s = Shape(x)
              n = Gather(s, i0)
              start = CastLike(zero, n)
              delta = CastLike(one, n)
              y = Range(start, n, delta)
              step = CastLike(back, n)
              down = Range(n, start, step)
              z = Cast<to = 7>(some)
              unsigned = CastLike(some, u)
              bits = Cast<to = 9>(some)
            }
            """);
    assertThat(shape(model, "y")).isEqualTo("[N]");
    assertThat(shape(model, "down")).isEqualTo("[N]");
    assertThat(data(model, "z")).isEqualTo("[4][-2, 2, null, 0]");
    assertThat(data(model, "unsigned")).isEqualTo("[4][null, 2, null, 0]");
    assertThat(ShapeInference.of(model).data(named(model, "bits"))).isNull();
  }

  @Test
  void rangesOfFractionsReachToAnExtent() {
    Model model =
        parse(
            """
            g (float[N,2] x) => (y, z)
            <float zero = {0.0}, float one = {1.0}, float half = {0.5}, float far = {1e30},
             int64 i0 = {0}, int64 i1 = {1}> {
              s = Shape(x)
              n = Gather(s, i0)
              d = Gather(s, i1)
              f = Cast<to = 1>(n)
              g = Cast<to = 1>(d)
              y = Range(zero, f, one)
              z = Range(half, f, one)
              k = Range(zero, g, one)
              l = Range(zero, far, one)
            }
            """);
    assertThat(shape(model, "y")).isEqualTo("[N]");
    assertThat(shape(model, "z")).isEqualTo("[z#0]");
    assertThat(shape(model, "l")).isEqualTo("[l#0]");
    assertThat(shape(model, "k")).isEqualTo("[2]");
    assertThat(ShapeInference.of(model).data(named(model, "k"))).isNull();
  }

  @Test
  void operatorsOutweighStaleDeclarations() {
    Model model =
        parse("g (float[4,6] x) => (float[4,9] y) <float[4,8] h> { h = Relu(x) y = Relu(h) }");
    assertThat(shape(model, "h")).isEqualTo("[4, 6]");
    assertThat(shape(model, "y")).isEqualTo("[4, 6]");
  }

  @Test
  void declarationsFillWhatNoRuleKnows() {
    Model model =
        OnnxText.parse(
            "<ir_version: 8, opset_import: [\"\" : 17, \"other\" : 1]> g (float[N] x) => (y)"
                + " <float16[N,3] h, int64[2,K] k> { h = other.Op(x) y = Neg(h) k = NonZero(y) u = other.Op(x) }");
    ShapeFacts facts = ShapeInference.of(model);
    assertThat(facts.shape(named(model, "y"))).hasToString("[N, 3]");
    assertThat(facts.type(named(model, "y"))).isEqualTo(ElementType.FLOAT16);
    assertThat(facts.shape(named(model, "k"))).hasToString("[2, K]");
    assertThat(facts.shape(named(model, "u"))).isNull();
    assertThat(facts.type(named(model, "u"))).isNull();
  }

  @Test
  void extentsWithoutNameGetOneEach() {
    Model model = parse("g (float[?,?] x, float[?,?] w) => (y) { y = Concat<axis = 0>(x, w) }");
    assertThat(shape(model, "y")).isEqualTo("[(w#0+x#0), x#1]");
  }

  @Test
  void branchesAgreeOrLeaveExtentsOpen() {
    String branches =
        "g (bool c, float[N,1,4] x) => (y) {%s y = If(%s) <then_branch = t () => (p) { a = Constant<value_ints = [1]>() p = Squeeze(x, a) },"
            + " else_branch = e () => (q) { b = Constant<value_ints = [0, 4]>() r = Reshape(x, b) q = Concat<axis = 1>(r, r) }> }";
    Model open = parse(branches.formatted("", "c"));
    assertThat(shape(open, "y")).isEqualTo("[N, y#1]");
    assertThat(shape(open, "p")).isEqualTo("[N, 4]");
    Model certain = parse(branches.formatted("k = Constant<value = bool {1}>()", "k"));
    assertThat(shape(certain, "y")).isEqualTo("[N, 4]");
  }

  @Test
  void aBranchThatContradictsItselfIsNotTaken() {
    Model model =
        parse(
            """
            g (bool c, float[N,3] x) => (y) {
              y = If(c) <then_branch = t () => (p) { a = Constant<value_ints = [1]>() p = Squeeze(x, a) },
                         else_branch = e () => (q) { q = Relu(x) }>
            }
            """);
    assertThat(shape(model, "p")).isEqualTo("null");
    assertThat(shape(model, "y")).isEqualTo("[N, 3]");
  }

  @Test
  void loopsKeepWhatEveryIterationKeeps() {
    Model model =
        parse(
            """
            g (int64 k, float[N,4] x) => (y, grown, all)
            {
              c = Constant<value = bool {1}>()
              y, grown, all = Loop(k, c, x, x) <body = b (int64 i, bool p, u, v) => (q, u2, v2, e) {
                q = Identity(p)
                u2 = Relu(u)
                v2 = Concat<axis = 0>(v, x)
                e = Neg(u)
              }>
            }
            """);
    assertThat(shape(model, "y")).isEqualTo("[N, 4]");
    assertThat(shape(model, "grown")).isEqualTo("[grown#0, 4]");
    assertThat(shape(model, "all")).isEqualTo("[all#0, N, 4]");
    assertThat(shape(model, "v2")).isEqualTo("[(N+v#0), 4]");
  }

  /** A function whose call says to which shape it brings its argument. */
  private static void addFunction(Model model) {
    Graph body = model.newFunctionBody("Fold");
    Value x = body.addInput("x", null);
    Node target = body.append(OpId.of("Constant"), "target");
    target.setAttribute(new Attribute("value_ints", new Attribute.Reference("target", 7), null));
    Node reshape = body.append(OpId.of("Reshape"), "folded", x, target.output());
    body.addOutput(reshape.output());
    model.addFunction(
        new Function(
            OpId.of("local", "Fold"), body, List.of("target"), Map.of(), Map.of("", 17L), null));
  }

  @Test
  void eachCallOfAFunctionIsItsOwn() {
    Model model =
        parse(
            "g (float[N,12] x, float[M,12] w) => (y, z)"
                + " { y = local.Fold<target = [0, 3, 4]>(x) z = local.Fold<target = [0, 2, 6]>(w) }");
    addFunction(model);
    long edits = model.modificationCount();
    assertThat(shape(model, "y")).isEqualTo("[N, 3, 4]");
    assertThat(shape(model, "z")).isEqualTo("[M, 2, 6]");
    assertThat(shape(model, "folded")).isEqualTo("[folded#0, folded#1, folded#2]");
    assertThat(model.modificationCount()).isEqualTo(edits);
    assertThat(named(model, "x").uses()).hasSize(1);
  }

  @Test
  void functionBodiesHaveWhatAllCallsAgreeOn() {
    Model model =
        parse(
            "g (float[N,12] x, float[M,12] w) => (y, z)"
                + " { y = local.Fold<target = [0, 3, 4]>(x) z = local.Fold<target = [0, 3, 4]>(w) }");
    addFunction(model);
    assertThat(shape(model, "folded")).isEqualTo("[folded#0, 3, 4]");
    assertThat(data(model, "target")).isEqualTo("[3][0, 3, 4]");
  }

  @Test
  void contradictionsNameTheNode() {
    assertThatThrownBy(
            () ->
                ShapeInference.of(
                    parse("g (float[2,3] x, float[4,5] w) => (y) { [mix] y = MatMul(x, w) }")))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage("MatMul \"mix\": cannot contract an extent of 3 with one of 4");
    assertThatThrownBy(
            () ->
                ShapeInference.of(parse("g (float[2,3] x, float[2,4] w) => (y) { y = Add(x, w) }")))
        .hasMessage("Add \"-> y\": cannot broadcast an extent of 3 against 4");
    assertThatThrownBy(
            () ->
                ShapeInference.of(
                    parse("g (float[2,3] x) => (y) <int64[2] t = {4, -1}> { y = Reshape(x, t) }")))
        .hasMessage("Reshape \"-> y\": [2, 3] has not as many elements as [4, -1]");
    assertThatThrownBy(
            () ->
                ShapeInference.of(
                    parse("g (float[N,3] x) => (y) <int64[2] t = {0, 4}> { y = Reshape(x, t) }")))
        .hasMessageContaining("has not as many elements");
  }

  @Test
  void overrunningExtentsAreMalformed() {
    assertThatThrownBy(
            () ->
                ShapeInference.of(
                    parse(
                        "g (float[9000000000,9000000000] x) => (y) { y = Flatten<axis = 2>(x) }")))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessageContaining("extents overflow");
  }

  /** Work grows with the nodes and no faster, whatever they say about extents. */
  @Test
  void workIsLinear() {
    long some = ShapeInference.steps(reshapes(300));
    long more = ShapeInference.steps(reshapes(600));

    assertThat(shape(reshapes(300), "v300")).isEqualTo("[N, M, 8]");
    assertThat(some).isLessThan(20 * 5 * 300);
    assertThat(more).isLessThanOrEqualTo(2 * some);
  }

  /** Five nodes each, with the extents of the value before. */
  private static Model reshapes(int count) {
    StringBuilder nodes = new StringBuilder("v0 = Relu(x)\n");
    for (int i = 0; i < count; i++) {
      String in = "v" + i;
      nodes.append(
          "s%d = Shape(%s) n%d = Gather(s%d, one) m%d = Unsqueeze(n%d, axis) t%d = Concat<axis = 0>(m%d, rest) v%d = Reshape(%s, t%d)\n"
              .formatted(i, in, i, i, i, i, i, i, i + 1, in, i));
    }
    return parse(
        "g (float[N,M,8] x) => (v%d) <int64 one = {0}, int64[1] axis = {0}, int64[2] rest = {-1, 8}> { %s }"
            .formatted(count, nodes));
  }
}
