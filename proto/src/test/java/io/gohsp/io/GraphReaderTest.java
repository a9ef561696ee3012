package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.onnx.AttributeProto;
import io.gohsp.onnx.AttributeProto.AttributeType;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.tensor.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names become objects. */
class GraphReaderTest {
  private static Model read(ModelProto.Builder proto) {
    byte[] bytes = proto.build().toByteArray();
    Model model = OnnxReader.read(bytes, null);
    IrVerifier.verify(model);
    return model;
  }

  private static Model read(GraphProto.Builder graph) {
    return read(Protos.model(graph));
  }

  private static List<String> names(Graph graph) {
    return graph.nodes().stream().map(Node::name).toList();
  }

  @Test
  void operandsAreConnectedByIdentity() {
    Model model =
        read(
            Protos.graph(
                Protos.relu("x", "h"), Protos.node("Add", List.of("h", "x"), List.of("y"))));
    Node relu = model.graph().nodes().get(0);
    Node add = model.graph().nodes().get(1);
    assertThat(add.input(0)).isSameAs(relu.output());
    assertThat(add.input(1)).isSameAs(model.graph().inputs().get(0));
    assertThat(add.output()).isSameAs(model.graph().outputs().get(0));
  }

  @Test
  void emptyNamesAreAbsentOperands() {
    Model model = read(Protos.graph(Protos.node("Clip", List.of("x", "", "x"), List.of("y", ""))));
    Node clip = model.graph().nodes().get(0);
    assertThat(clip.optionalInput(1)).isNull();
    assertThat(clip.inputs()).hasSize(3);
    assertThat(clip.outputs()).hasSize(2);
    assertThat(clip.optionalOutput(1)).isNull();
  }

  @Test
  void initializerMayBeInputToo() {
    Model model =
        read(Protos.graph(Protos.relu("x", "y")).addInitializer(Protos.floats("x", 1, 2)));
    Value x = model.graph().inputs().get(0);
    assertThat(model.graph().initializers()).containsExactly(x);
    assertThat(x.constant().floats()).containsExactly(1, 2);
  }

  @Test
  void everyKindOfAttributeIsRead() {
    var node = Protos.relu("x", "y");
    node.addAttribute(
        AttributeProto.newBuilder().setName("f").setType(AttributeType.FLOAT).setF(0.5f));
    node.addAttribute(Protos.attribute("i", -7));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("s")
            .setType(AttributeType.STRING)
            .setS(ByteString.copyFromUtf8("ä")));
    node.addAttribute(Protos.attribute("t", Protos.floats("", 3)));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("fs")
            .setType(AttributeType.FLOATS)
            .addFloats(1)
            .addFloats(2));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("is")
            .setType(AttributeType.INTS)
            .addInts(1)
            .addInts(-2));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("ss")
            .setType(AttributeType.STRINGS)
            .addStrings(ByteString.copyFromUtf8("a")));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("gs")
            .setType(AttributeType.GRAPHS)
            .addGraphs(GraphProto.newBuilder().setName("first"))
            .addGraphs(GraphProto.newBuilder().setName("second")));
    node.addAttribute(AttributeProto.newBuilder().setName("ts").setType(AttributeType.TENSORS));
    node.addAttribute(AttributeProto.newBuilder().setName("untyped").addInts(4));
    Node read = read(Protos.graph(node)).graph().nodes().get(0);
    assertThat(read.floatAttribute("f", 0)).isEqualTo(0.5f);
    assertThat(read.intAttribute("i", 0)).isEqualTo(-7);
    assertThat(read.stringAttribute("s", "")).isEqualTo("ä");
    assertThat(read.attribute("t").content())
        .isInstanceOfSatisfying(
            Attribute.TensorValue.class, t -> assertThat(t.value().floats()).containsExactly(3));
    assertThat(read.attribute("fs").content())
        .isEqualTo(new Attribute.FloatsValue(List.of(1f, 2f)));
    assertThat(read.intsAttribute("is")).containsExactly(1L, -2L);
    assertThat(read.attribute("ss").content()).isEqualTo(new Attribute.StringsValue(List.of("a")));
    assertThat(read.attribute("gs").graphs())
        .extracting(Graph::name)
        .containsExactly("first", "second");
    assertThat(read.attribute("ts").content()).isEqualTo(new Attribute.Opaque());
    assertThat(read.intsAttribute("untyped")).containsExactly(4L);
  }

  @Test
  void declaredTypesAreRead() {
    GraphProto.Builder graph = Protos.graph(Protos.relu("x", "h"), Protos.relu("h", "y"));
    var shape = graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    shape.addDimBuilder().setDimParam("batch");
    shape.addDimBuilder();
    shape.addDimBuilder().setDimValue(-1);
    graph.getOutputBuilder(0).getTypeBuilder().getTensorTypeBuilder().clearShape();
    graph.addValueInfoBuilder().setName("h").getTypeBuilder().getSequenceTypeBuilder();
    Model model = read(graph);
    assertThat(model.graph().inputs().get(0).type())
        .isEqualTo(
            new ValueType.TensorType(
                ElementType.FLOAT, List.of(Dim.of(2), Dim.of("batch"), Dim.UNKNOWN, Dim.UNKNOWN)));
    assertThat(model.graph().outputs().get(0).type())
        .isEqualTo(new ValueType.TensorType(ElementType.FLOAT, null));
    assertThat(model.graph().nodes().get(0).output().type())
        .isEqualTo(new ValueType.Opaque("sequence"));
    assertThat(model.graph().declared()).containsExactly(model.graph().nodes().get(0).output());
  }

  @Test
  void nodesOutOfOrderAreSortedAndOthersStay() {
    Model model =
        read(
            Protos.graph(
                Protos.relu("b", "c").setName("3"),
                Protos.relu("x", "free").setName("1"),
                Protos.relu("x", "a").setName("0"),
                Protos.relu("a", "b").setName("2"),
                Protos.relu("c", "y").setName("4")));
    assertThat(names(model.graph())).containsExactly("1", "0", "2", "3", "4");
  }

  @Test
  void whatNestedGraphReadsCountsForOrder() {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(Protos.relu("late", "i"))
            .addOutput(Protos.value("i"));
    Model model =
        read(
            Protos.graph(
                Protos.node("If", List.of("x"), List.of("y"))
                    .setName("if")
                    .addAttribute(Protos.attribute("then_branch", body)),
                Protos.relu("x", "late").setName("late")));
    assertThat(names(model.graph())).containsExactly("late", "if");
  }

  @Test
  void nestedGraphsReadOuterValuesAndMayShareNames() {
    GraphProto.Builder inner =
        GraphProto.newBuilder()
            .setName("inner")
            .addNode(Protos.node("Add", List.of("x", "local"), List.of("deep")))
            .addOutput(Protos.value("deep"));
    GraphProto.Builder branch =
        GraphProto.newBuilder()
            .setName("branch")
            .addInitializer(Protos.floats("local", 1, 2))
            .addNode(Protos.relu("x", "same"))
            .addNode(
                Protos.node("If", List.of("same"), List.of("result"))
                    .addAttribute(Protos.attribute("body", inner)))
            .addOutput(Protos.value("result"))
            .addOutput(Protos.value("x"));
    ModelProto.Builder proto =
        Protos.model(
            Protos.graph(
                Protos.node("If", List.of("x"), List.of("y"))
                    .addAttribute(Protos.attribute("then_branch", branch))
                    .addAttribute(Protos.attribute("else_branch", branch))));
    Model model = read(proto);
    Value x = model.graph().inputs().get(0);
    Node outer = model.graph().nodes().get(0);
    List<Graph> branches = outer.subgraphs().toList();
    assertThat(branches.get(0).nodes().get(0).input(0)).isSameAs(x);
    assertThat(branches.get(1).nodes().get(0).input(0)).isSameAs(x);
    assertThat(branches.get(0).outputs().get(1)).isSameAs(x);
    Value first = branches.get(0).nodes().get(0).output();
    Value second = branches.get(1).nodes().get(0).output();
    assertThat(first).isNotSameAs(second);
    assertThat(first.name()).isEqualTo(second.name());
    Node deep = branches.get(0).nodes().get(1).subgraphs().toList().get(0).nodes().get(0);
    assertThat(deep.input(0)).isSameAs(x);
    assertThat(deep.input(1)).isSameAs(branches.get(0).initializers().get(0));
    assertThat(x.uses()).hasSize(5);
    assertThat(OnnxWriter.toBytes(model)).isEqualTo(proto.build().toByteArray());
  }

  /** A converter may give an inner value a name that the graph around uses further down. */
  @Test
  void innerNameMayComeAgainOutside() {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(Protos.relu("x", "again"))
            .addOutput(Protos.value("again"));
    Model model =
        read(
            Protos.graph(
                Protos.node("If", List.of("x"), List.of("h"))
                    .addAttribute(Protos.attribute("then_branch", body)),
                Protos.relu("h", "again"),
                Protos.relu("again", "y")));
    Node last = model.graph().nodes().get(2);
    assertThat(last.input(0)).isSameAs(model.graph().nodes().get(1).output());
    assertThat(OnnxWriter.toBytes(ModelCopy.of(model).model()))
        .isEqualTo(OnnxWriter.toBytes(model));
  }

  @Test
  void functionsHaveNamesOfTheirOwn() {
    ModelProto.Builder proto =
        Protos.model(Protos.graph(Protos.relu("x", "y").setOpType("f").setDomain("local")));
    var function =
        proto
            .addFunctionsBuilder()
            .setName("f")
            .setDomain("local")
            .setOverload("o")
            .setDocString("doc");
    function
        .addInput("x")
        .addOutput("y")
        .addAttribute("axis")
        .addAttributeProto(Protos.attribute("keep", 1));
    function.addNode(
        Protos.relu("x", "y")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("axis")
                    .setRefAttrName("axis")
                    .setType(AttributeType.INT)));
    function.addOpsetImportBuilder().setDomain("").setVersion(18);
    function.addValueInfo(Protos.value("y", 3));
    Model model = read(proto);
    Function read = model.functions().get(0);
    assertThat(read.id()).isEqualTo(new OpId("local", "f", "o"));
    assertThat(read.attributes()).containsExactly("axis");
    assertThat(read.defaults().get("keep").content()).isEqualTo(new Attribute.IntValue(1));
    assertThat(read.opsets()).containsEntry("", 18L);
    assertThat(read.body().inputs().get(0)).isNotSameAs(model.graph().inputs().get(0));
    assertThat(read.body().nodes().get(0).attribute("axis").content())
        .isEqualTo(new Attribute.Reference("axis", AttributeType.INT_VALUE));
    assertThat(read.body().outputs().get(0).type())
        .isEqualTo(ValueType.TensorType.of(ElementType.FLOAT, 3));
    assertThat(OnnxWriter.toBytes(model)).isEqualTo(proto.build().toByteArray());
  }

  @Test
  void constantsInNodesStayInTheFile() {
    TensorProto.Builder tensor = Protos.floats("", 1, 2, 3);
    Model model =
        read(
            Protos.graph(
                Protos.node("Constant", List.of(), List.of("c"))
                    .addAttribute(Protos.attribute("value", tensor)),
                Protos.node("Add", List.of("x", "c"), List.of("y"))));
    Attribute value = model.graph().nodes().get(0).attribute("value");
    assertThat(value.content())
        .isInstanceOfSatisfying(
            Attribute.TensorValue.class,
            t -> assertThat(t.value().floats()).containsExactly(1, 2, 3));
  }
}
