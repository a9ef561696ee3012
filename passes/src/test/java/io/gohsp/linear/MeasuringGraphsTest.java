package io.gohsp.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.Budget;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the graphs return; that the numbers are right, tests in the runtime module show. */
class MeasuringGraphsTest {
  private static final int DIM = 24;
  private static final int NEURONS = 16;
  private static final VitArchitecture SMALL = new VitArchitecture(8, 1, 4, DIM, 2, 4, NEURONS, 5);

  private static List<LinearLayer> outputLayers(Model model) {
    return WorkingModel.normalized(model).blocks().stream()
        .flatMap(
            block ->
                Stream.concat(
                    Objects.requireNonNull(block.attention()).outputs().stream(),
                    Objects.requireNonNull(block.mlp()).outputs().stream()))
        .map(contraction -> LinearLayer.of(contraction.node()))
        .toList();
  }

  private static Model half(Model model) {
    WorkingModel working = WorkingModel.normalized(model);
    PruningPlan plan =
        PlanSelector.select(
            working,
            MagnitudeImportance.of(working),
            SelectionOptions.of(Budget.params("0.5")),
            Map.of());
    return Pruning.prune(model, plan);
  }

  private static long width(ShapeFacts facts, Value rows) {
    List<Size> shape = Objects.requireNonNull(facts.shape(rows));
    assertThat(shape).hasSize(2);
    return shape.get(1).value();
  }

  @Test
  void inputsAreMeasuredLayerByLayer() {
    Model model = VitBuilder.build(SMALL, 3);
    List<LinearLayer> layers = outputLayers(model);
    assertThat(layers).extracting(LinearLayer::inputs).containsExactly(DIM, NEURONS, DIM, NEURONS);

    InputGraph graph = InputGraph.of(model, layers.stream().map(Activation::of).toList(), null, 1);

    Graph measuring = graph.model().graph();
    assertThat(measuring.outputs())
        .extracting(Value::name)
        .containsExactlyElementsOf(
            graph.activations().stream()
                .flatMap(rows -> Stream.of(rows.rows(), rows.weights()))
                .toList());
    ShapeFacts facts = ShapeInference.of(graph.model());
    for (int i = 0; i < layers.size(); i++) {
      assertThat(width(facts, measuring.outputs().get(2 * i))).isEqualTo(layers.get(i).inputs());
    }
    // The model itself stays as it is.
    assertThat(model.graph().outputs()).extracting(Value::name).containsExactly("logits");
  }

  @Test
  void errorsAreMeasuredAgainstTheDenseStream() {
    Model dense = VitBuilder.build(SMALL, 3);
    Model pruned = half(dense);
    for (LinearLayer whole : outputLayers(dense)) {
      Node node = ErrorGraph.producer(pruned, whole.output().name());
      LinearLayer layer = LinearLayer.of(node);
      assertThat(layer.inputs()).isLessThan(whole.inputs());

      ErrorGraph graph = ErrorGraph.of(dense, pruned, layer, null, 1);

      Model copy = ModelCopy.of(dense).model();
      Value target = graph.appendTarget(copy);
      List<Size> rows = Objects.requireNonNull(ShapeInference.of(copy).shape(target));
      assertThat(rows).hasSize(2);
      assertThat(rows.get(1).value()).isEqualTo(DIM);
      Graph measuring = graph.pruned().graph();
      assertThat(measuring.inputs()).extracting(Value::name).contains(graph.target());
      assertThat(measuring.outputs())
          .extracting(Value::name)
          .containsExactly(graph.inputs(), graph.errors(), graph.targets(), graph.weights());
      ShapeFacts facts = ShapeInference.of(graph.pruned());
      assertThat(width(facts, measuring.outputs().get(0))).isEqualTo(layer.inputs());
      assertThat(width(facts, measuring.outputs().get(1))).isEqualTo(DIM);
    }
  }

  /** Between the layers of a plain transformer nothing flows but the stream. */
  @Test
  void aModelIsCutWhereItIsNarrow() {
    Model model = VitBuilder.build(SMALL, 3);
    CutPoints points = CutPoints.of(model);
    List<String> streams =
        List.of("/blocks.0/residual1", "/blocks.0/residual2", "/blocks.1/residual1");
    for (String stream : streams) {
      assertThat(points.across(points.behind(stream))).containsExactly(stream);
    }
    assertThat(points.across(0)).hasSize(1);
    assertThat(points.behind("nowhere")).isEqualTo(-1);
    int inside = points.behind("/blocks.1/mlp/fc1");
    assertThat(points.across(inside)).hasSize(2).contains("/blocks.1/residual1");
  }

  @Test
  void whatIsFedIsNotComputed() {
    Model model = VitBuilder.build(SMALL, 3);
    String fed = "/blocks.1/residual1";
    int nodes = model.graph().nodes().size();
    int behind = nodes - CutPoints.of(model).behind(fed);
    TensorType type =
        new TensorType(ElementType.FLOAT, List.of(Dim.of("n"), Dim.of(5), Dim.of(DIM)));

    Map<String, String> needed = Stage.cut(model, Map.of(fed, type, "nowhere", type));

    assertThat(model.graph().nodes()).hasSize(behind);
    assertThat(needed).containsOnlyKeys(fed);
    assertThat(model.graph().inputs()).extracting(Value::name).containsExactly(needed.get(fed));
    assertThat(model.graph().initializers()).extracting(Value::name).noneMatch("pos_embed"::equals);
  }

  @Test
  void aValueThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ErrorGraph.producer(VitBuilder.build(SMALL, 3), "nowhere"))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("has no value \"nowhere\" in its main graph");
  }
}
