package io.gohsp.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.selection.Amount;
import io.gohsp.selection.Budget;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CostModelTest {
  private final Model model = new Model("test", null);
  private final Graph graph = model.graph();
  private final GraphBuilder g = GraphBuilder.appendingTo(graph);

  CostModelTest() {
    model.opsets().put("", 17L);
    model.opsets().put(OpId.MICROSOFT, 1L);
  }

  private Value input(String name, Dim... dims) {
    return graph.addInput(name, new ValueType.TensorType(ElementType.FLOAT, List.of(dims)));
  }

  private Value floats(String name, long... dims) {
    return g.constant(name, zeros(ElementType.FLOAT, dims));
  }

  private static Tensor zeros(ElementType type, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    return type == ElementType.FLOAT
        ? Tensor.ofFloats(dims, new float[size])
        : Tensor.ofIntegers(type, dims, new long[size]);
  }

  private static void assertPublished(String name, long params, double gigaMacs, double unit) {
    Cost cost = CostModel.of(VitBuilder.build(VitArchitecture.named(name), 0));

    assertThat(cost.params()).isEqualTo(params);
    assertThat(cost.bytes()).isEqualTo(4 * params);
    assertThat(cost.uncounted()).isEmpty();
    assertThat(Math.round(cost.macs() / unit)).isEqualTo(Math.round(gigaMacs * 1e9 / unit));
  }

  @Test
  void givesThePublishedCountsOfDeitTinyAndSmall() {
    assertPublished("deit-tiny", 5_717_416, 1.254, 1e6);
    assertPublished("deit-small", 22_050_664, 4.599, 1e6);
  }

  @Tag("slow") // 350 MB of random weights
  @Test
  void givesThePublishedCountsOfDeitBase() {
    assertPublished("deit-base", 86_567_656, 17.56, 1e7);
  }

  @ParameterizedTest
  @CsvSource({"8, 4, 12, 2, 3, 20, 5", "32, 8, 8, 1, 8, 33, 2", "6, 1, 10, 3, 1, 7, 1"})
  void agreesWithTheFormulas(
      int image, int patch, int dim, int depth, int heads, int mlp, int classes) {
    VitArchitecture vit = new VitArchitecture(image, 3, patch, dim, depth, heads, mlp, classes);
    Cost cost = CostModel.of(VitBuilder.build(vit, 0));
    BlockFormulas formulas = new BlockFormulas(dim, vit.tokens());
    long patchElements = 3L * patch * patch;
    long oneElementBias = classes == 1 ? 1 : 0; // a tensor of one element is taken for a setting

    assertThat(cost.params())
        .isEqualTo(
            depth * formulas.blockParams(dim, dim, mlp)
                + formulas.outerParams(patchElements, classes)
                - oneElementBias);
    assertThat(cost.macs())
        .isEqualTo(
            depth * formulas.blockMacs(dim, dim, mlp) + formulas.outerMacs(patchElements, classes));
  }

  @Test
  void countsWithOtherExtentsThanTheModelHas() {
    Value x = input("x", Dim.of("batch"), Dim.of(4));
    Value w = floats("w", 4, 8);
    Value y = g.matMul(x, w);
    graph.addOutput(g.matMul(y, floats("v", 8, 2)));
    ShapeFacts facts = ShapeInference.of(model);
    Map<Value, List<Size>> others =
        Map.of(w, List.of(Size.of(4), Size.of(5)), y, List.of(Size.symbol("batch"), Size.of(5)));

    assertThat(CostModel.of(model, facts, Map.of(), v -> others.getOrDefault(v, facts.shape(v))))
        .isEqualTo(new Cost(4 * 5 + 8 * 2, 4 * 5 + 5 * 2, 4 * (4 * 5 + 8 * 2), List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"deit-tiny", "vit-small"})
  void isTheSumOfItsTerms(String name) {
    Model vit = VitBuilder.build(VitArchitecture.named(name), 0);
    ShapeFacts facts = ShapeInference.of(vit);
    List<Cost> terms =
        CostModel.terms(vit, facts).stream().map(term -> term.cost(facts::shape)).toList();

    Cost whole = CostModel.of(vit, facts);
    assertThat(terms.stream().mapToLong(Cost::params).sum()).isEqualTo(whole.params());
    assertThat(terms.stream().mapToLong(Cost::macs).sum()).isEqualTo(whole.macs());
    assertThat(terms.stream().mapToLong(Cost::bytes).sum()).isEqualTo(whole.bytes());
  }

  @Test
  void takesOneExampleAndATypicalSequence() {
    Value x = input("x", Dim.of("batch"), Dim.of("sequence"), Dim.of(4));
    graph.addOutput(g.matMul(x, floats("w", 4, 8)));

    assertThat(CostModel.of(model).macs()).isEqualTo(128 * 4 * 8);
    assertThat(CostModel.of(model, ShapeInference.of(model), Map.of("sequence", 10L)).macs())
        .isEqualTo(10 * 4 * 8);
  }

  @Test
  void takesTheFirstOpenExtentForTheBatchIfNoneIsCalledSo() {
    Value x = input("x", Dim.of("n"), Dim.of("m"), Dim.of(4));
    graph.addOutput(g.matMul(x, floats("w", 4, 8)));

    assertThat(CostModel.of(model).macs()).isEqualTo(128 * 4 * 8);
  }

  @Test
  void countsAFixedBatchAsItIs() {
    graph.addOutput(g.matMul(input("x", Dim.of(2), Dim.of(4)), floats("w", 4, 8)));

    assertThat(CostModel.of(model).macs()).isEqualTo(2 * 4 * 8);
  }

  @Test
  void countsTiedWeightsOnceAndLeavesOutSettings() {
    Value x = input("x", Dim.of("batch"), Dim.of(4));
    Value w = floats("w", 4, 4);
    Value y = g.mul(g.matMul(g.matMul(x, w), w), g.scalar(0.5f));
    Value folded = g.op("Constant", List.of(Attribute.of("value", zeros(ElementType.FLOAT, 4))));
    graph.addOutput(g.reshape(g.add(y, folded), -1, 2));
    floats("unread", 100);

    assertThat(CostModel.of(model))
        .isEqualTo(new Cost(4 * 4 + 4, 2 * 4 * 4, 4 * (4 * 4 + 4), List.of()));
  }

  @Test
  void countsQuantisedWeightsButNotTheirScales() {
    Value x = input("x", Dim.of("batch"), Dim.of(4));
    Value stored = g.constant("w", zeros(ElementType.INT8, 8, 4));
    Value scales = floats("scales", 8);
    Value zeroPoints = g.constant("zero_points", zeros(ElementType.INT8, 8));
    Value w =
        g.op("DequantizeLinear", List.of(Attribute.of("axis", 0L)), stored, scales, zeroPoints);
    graph.addOutput(g.matMul(x, g.transpose(w, 1, 0)));

    assertThat(CostModel.of(model)).isEqualTo(new Cost(32, 32, 32, List.of()));
  }

  /** Only the rows looked up become floats; the table is what the model stores. */
  @Test
  void countsQuantisedTables() {
    Value ids = g.constant("ids", Tensor.ofLongs(3, 1));
    Value scale = g.constant("scale", zeros(ElementType.FLOAT, 4));
    Value rows = g.op("Gather", g.constant("a", zeros(ElementType.UINT8, 50, 4)), ids);
    Value others = g.op("Gather", g.constant("b", zeros(ElementType.INT8, 30, 4)), ids);
    Value both = g.op("Concat", List.of(Attribute.of("axis", 0L)), rows, others);
    graph.addOutput(g.op("DequantizeLinear", List.of(Attribute.of("axis", 1L)), both, scale));
    Value byHand = g.op("Gather", g.constant("c", zeros(ElementType.UINT8, 20, 4)), ids);
    graph.addOutput(g.op("Cast", List.of(Attribute.of("to", 1L)), byHand));

    assertThat(CostModel.of(model)).isEqualTo(new Cost(400, 0, 400, List.of()));
  }

  /** What a constant picks is no table; what a sample picks is, read as a classifier or not. */
  @Test
  void tellsEmbeddingTablesFromOtherWeights() {
    Value ids =
        graph.addInput(
            "ids",
            new ValueType.TensorType(ElementType.INT64, List.of(Dim.of("batch"), Dim.of(3))));
    Value words = floats("words", 50, 4);
    Value stored = g.constant("types", zeros(ElementType.INT8, 2, 4));
    Value types = g.op("DequantizeLinear", stored, g.scalar(0.1f));
    Value biases = floats("relative", 7, 4);
    Value picked = g.op("Gather", biases, g.constant("places", Tensor.ofLongs(3, 1, 2)));
    Value sum = g.op("Add", g.op("Gather", words, ids), g.op("Gather", types, ids));
    graph.addOutput(g.matMul(g.op("Add", sum, picked), g.transpose(words, 1, 0)));

    Cost cost = CostModel.of(model);

    assertThat(cost.params()).isEqualTo(200 + 8 + 28);
    assertThat(cost.embeddings()).isEqualTo(200 + 8);
    assertThat(new Budget.Params(new Amount.Fraction(new BigDecimal("0.5")), false).limit(cost))
        .isEqualTo(14);
  }

  @Test
  void unpacksWeightsOfFourBits() {
    Value x = input("x", Dim.of("batch"), Dim.of(32));
    Value packed = g.constant("w", zeros(ElementType.UINT8, 6, 2, 8));
    List<Attribute> sizes =
        List.of(
            Attribute.of("K", 32L),
            Attribute.of("N", 6L),
            Attribute.of("bits", 4L),
            Attribute.of("block_size", 16L));
    OpId op = OpId.of(OpId.MICROSOFT, "MatMulNBits");
    graph.addOutput(g.node(op, sizes, 1, x, packed, floats("scales", 12)).output());

    assertThat(CostModel.of(model)).isEqualTo(new Cost(32 * 6, 32 * 6, 96, List.of()));
  }

  @Test
  void countsEinsumByItsLabels() {
    Value x = input("x", Dim.of("batch"), Dim.of(7), Dim.of(4));
    Value w = floats("w", 4, 2, 3);
    graph.addOutput(g.op("Einsum", List.of(Attribute.of("equation", "...nd,dhk->...hnk")), x, w));

    assertThat(CostModel.of(model).macs()).isEqualTo(7 * 4 * 2 * 3);
  }

  @Test
  void countsTheDearerBranch() {
    Value x = input("x", Dim.of("batch"), Dim.of(4));
    Value condition = graph.addInput("c", ValueType.TensorType.of(ElementType.BOOL));
    Attribute cheap = Attribute.of("then_branch", branch("then", x, 2));
    Attribute dear = Attribute.of("else_branch", branch("else", x, 5));
    graph.addOutput(g.op("If", List.of(cheap, dear), condition));

    assertThat(CostModel.of(model).macs()).isEqualTo(4 * 5);
    assertThat(CostModel.of(model).params()).isEqualTo(4 * 2 + 4 * 5);
  }

  private Graph branch(String name, Value x, int width) {
    Graph branch = graph.newSubgraph(name);
    GraphBuilder b = GraphBuilder.appendingTo(branch).in(name);
    branch.addOutput(b.matMul(x, b.constant(name + ".w", zeros(ElementType.FLOAT, 4, width))));
    return branch;
  }

  @Test
  void countsTheBodyOfAFunctionForEachCall() {
    OpId id = OpId.of("local", "Layer");
    Graph body = model.newFunctionBody("Layer");
    Value x = body.addInput("x", null);
    Value w = body.addInput("w", null);
    body.addOutput(GraphBuilder.appendingTo(body).matMul(x, w));
    model.addFunction(new Function(id, body, List.of(), Map.of(), model.opsets(), null));
    Value hidden = input("image", Dim.of("batch"), Dim.of(4));
    for (int i = 0; i < 3; i++) {
      hidden = g.node(id, List.of(), 1, hidden, floats("w" + i, 4, 4)).output();
    }
    graph.addOutput(hidden);

    assertThat(CostModel.of(model)).isEqualTo(new Cost(48, 48, 4 * 48, List.of()));
  }

  @Test
  void namesWhatItCannotCount() {
    Value x = input("x", Dim.of("batch"), Dim.of(4));
    Value unknown = g.node(OpId.of("com.example", "Magic"), List.of(), 1, x).output();
    graph.addOutput(g.matMul(unknown, floats("w", 4, 2)));

    assertThat(CostModel.of(model).uncounted())
        .extracting(node -> node.op().type())
        .containsExactly("Magic", "MatMul");
  }
}
