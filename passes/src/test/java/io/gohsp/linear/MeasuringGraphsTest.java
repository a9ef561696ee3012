package io.gohsp.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Budget;
import io.gohsp.plan.MagnitudeImportance;
import io.gohsp.plan.PlanSelector;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import io.gohsp.prune.Pruning;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
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

  private static List<Long> extents(ShapeFacts facts, Value value) {
    return Objects.requireNonNull(facts.shape(value)).stream().map(Size::value).toList();
  }

  @Test
  void inputsAreMeasuredLayerByLayer() {
    Model model = VitBuilder.build(SMALL, 3);
    List<LinearLayer> layers = outputLayers(model);
    assertThat(layers).extracting(LinearLayer::inputs).containsExactly(DIM, NEURONS, DIM, NEURONS);

    InputGraph graph = InputGraph.of(model, layers);

    Graph measuring = graph.model().graph();
    assertThat(measuring.outputs()).hasSize(3 * layers.size());
    assertThat(measuring.outputs())
        .extracting(Value::name)
        .containsExactlyElementsOf(
            graph.layers().stream()
                .flatMap(sums -> Stream.of(sums.gram(), sums.inputSum(), sums.elements()))
                .toList());
    ShapeFacts facts = ShapeInference.of(graph.model());
    for (int i = 0; i < layers.size(); i++) {
      long inputs = layers.get(i).inputs();
      assertThat(extents(facts, measuring.outputs().get(3 * i))).containsExactly(inputs, inputs);
      assertThat(extents(facts, measuring.outputs().get(3 * i + 1))).containsExactly(inputs);
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

      ErrorGraph graph = ErrorGraph.of(dense, pruned, layer);

      assertThat(graph.dense().graph().outputs())
          .extracting(Value::name)
          .containsExactly(graph.target());
      Graph measuring = graph.pruned().graph();
      assertThat(measuring.inputs()).extracting(Value::name).contains(graph.target());
      assertThat(measuring.outputs())
          .extracting(Value::name)
          .containsExactly(
              graph.gram(),
              graph.cross(),
              graph.inputSum(),
              graph.errorSum(),
              graph.errorSquares(),
              graph.targetSum(),
              graph.targetSquares());
      ShapeFacts facts = ShapeInference.of(graph.pruned());
      long inputs = layer.inputs();
      assertThat(extents(facts, measuring.outputs().get(0))).containsExactly(inputs, inputs);
      assertThat(extents(facts, measuring.outputs().get(1))).containsExactly(inputs, (long) DIM);
    }
  }

  @Test
  void aValueThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ErrorGraph.producer(VitBuilder.build(SMALL, 3), "nowhere"))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("has no value \"nowhere\" in its main graph");
  }
}
