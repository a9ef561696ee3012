package io.gohsp.train;

import io.gohsp.autodiff.Parameters;
import io.gohsp.autodiff.TrainingGraph;
import io.gohsp.autodiff.TrainingOptions;
import io.gohsp.data.Batch;
import io.gohsp.engine.Engine;
import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.normalize.SeparateParameters;
import io.gohsp.normalize.TransposedCopies;
import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model with its parameters laid out for training, and two programs over them: loss with
 * gradients and, once it is asked for, the forward pass alone. Holds memory until it is closed.
 */
public final class TrainableModel implements AutoCloseable {
  private final Engine engine;
  private final Objective objective;
  private final TrainingGraph graph;
  private final ParameterStore store;
  private final Engine.Executable backward;
  private final Map<FlatVector, Engine.Executable> forward = new LinkedHashMap<>();

  private TrainableModel(
      Engine engine,
      Objective objective,
      TrainingGraph graph,
      ParameterStore store,
      Engine.Executable backward) {
    this.engine = engine;
    this.objective = objective;
    this.graph = graph;
    this.store = store;
    this.backward = backward;
  }

  /**
   * Lays out a model, which stays as it is until {@link ParameterStore#writeBack}, but for {@link
   * SeparateParameters} and {@link TransposedCopies}.
   *
   * @throws ModelException.Unsupported if it cannot be differentiated
   */
  public static TrainableModel of(Model model, Objective objective, Engine engine) {
    SeparateParameters.run(model);
    TransposedCopies.tie(model);
    TrainingGraph graph =
        TrainingGraph.of(
            model,
            new TrainingOptions(Parameters::trainable, objective.losses(), objective.outputs()));
    ParameterStore store = ParameterStore.of(graph.parameters().keySet());
    Map<String, FlatVector.Slice> gradients = new LinkedHashMap<>();
    graph
        .gradients()
        .forEach(
            (parameter, gradient) ->
                gradients.put(gradient.name(), store.entry(parameter).in(store.gradients())));
    Engine.Executable backward =
        engine.compile(
            "the training graph", graph.model(), weights(graph, store, store.weights()), gradients);
    return new TrainableModel(engine, objective, graph, store, backward);
  }

  private static Map<String, FlatVector.Slice> weights(
      TrainingGraph graph, ParameterStore store, FlatVector vector) {
    Map<String, FlatVector.Slice> weights = new LinkedHashMap<>();
    graph
        .parameters()
        .forEach(
            (parameter, input) -> weights.put(input.name(), store.entry(parameter).in(vector)));
    return weights;
  }

  public ParameterStore store() {
    return store;
  }

  public Objective objective() {
    return objective;
  }

  /**
   * Computes the loss of a batch, and its gradients into {@link ParameterStore#gradients}.
   *
   * @return loss and outputs, valid until the next call
   */
  Outcome backward(Batch batch) {
    return backward(batch.inputs(), objective.targets(batch));
  }

  /**
   * Computes the loss of a batch that does not come from a data set.
   *
   * @param inputs by their names in the model
   * @param targets one for each of {@link Objective#losses}, in their order
   * @return loss and outputs, valid until the next call
   */
  public Outcome backward(Map<String, HostTensor> inputs, List<HostTensor> targets) {
    Map<String, HostTensor> data = new LinkedHashMap<>();
    graph.inputs().forEach((from, input) -> data.put(input.name(), input(inputs, from, input)));
    for (int i = 0; i < targets.size(); i++) {
      data.put(graph.targets().get(i).name(), targets.get(i));
    }
    Map<String, HostTensor> results = backward.run(data);
    Map<String, HostTensor> outputs = new LinkedHashMap<>();
    graph.returned().forEach((from, output) -> outputs.put(from.name(), result(results, output)));
    return new Outcome(result(results, graph.loss()).bytes().asFloatBuffer().get(0), outputs);
  }

  /** The loss of a batch, and the outputs it came from by their names in the model. */
  public record Outcome(float loss, Map<String, HostTensor> outputs) {}

  /**
   * Computes the outputs for a batch.
   *
   * @param weights the weights, or an average of them
   * @return outputs by their names in the model, valid until the next call
   */
  Map<String, HostTensor> forward(FlatVector weights, Map<String, HostTensor> inputs) {
    Engine.Executable program =
        forward.computeIfAbsent(
            weights,
            vector -> {
              Model model = graph.forward();
              Map<String, FlatVector.Slice> fed = weights(graph, store, vector);
              fed.keySet().retainAll(model.graph().inputs().stream().map(Value::name).toList());
              return engine.compile("the forward pass", model, fed, Map.of());
            });
    Map<String, HostTensor> data = new LinkedHashMap<>();
    graph.inputs().forEach((from, input) -> data.put(input.name(), input(inputs, from, input)));
    Map<String, HostTensor> results = program.run(data);
    Map<String, HostTensor> outputs = new LinkedHashMap<>();
    graph.returned().forEach((from, output) -> outputs.put(from.name(), result(results, output)));
    return outputs;
  }

  private static HostTensor input(Map<String, HostTensor> inputs, Value from, Value input) {
    return fitting(Objects.requireNonNull(inputs.get(from.name())), input);
  }

  /**
   * The same numbers in the floating type of an input: what a model takes in half precision,
   * training takes as FLOAT, and a teacher may take in another precision than its student.
   */
  public static HostTensor fitting(HostTensor given, Value input) {
    ElementType wanted =
        input.type() instanceof ValueType.TensorType type ? type.element() : given.type();
    return wanted == given.type() || !wanted.isFloating() || !given.type().isFloating()
        ? given
        : HostTensor.ofFloats(wanted, given.dims(), given.floats());
  }

  private static HostTensor result(Map<String, HostTensor> results, Value value) {
    return Objects.requireNonNull(results.get(value.name()));
  }

  @Override
  public void close() {
    backward.close();
    forward.values().forEach(Engine.Executable::close);
  }
}
