package io.gohsp.autodiff;

import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.lower.LoweredModel;
import io.gohsp.lower.Lowering;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One model that computes a loss and its gradients in one run. Maps have values of the original
 * model as keys and values of {@link #model} as contents, in the order in which {@link #model}
 * lists them.
 *
 * <p>Inputs of {@link #model}: the original's inputs, one target for each loss, then the parameters
 * (initializers no more: whoever trains feeds them, FLOAT, in their original shapes). Outputs: the
 * loss (FLOAT scalar), one gradient for each parameter in the same order and shape, then what was
 * to be returned.
 *
 * @param model standard operators only, and SimplifiedLayerNormalization, which ONNX Runtime counts
 *     among them
 * @param loss the first output
 * @param inputs the original's inputs, those with a default excepted
 * @param targets one for each loss of the options, in their order
 * @param parameters every chosen constant on which the loss depends
 * @param gradients one for each parameter
 * @param returned the values that the options name
 */
public record TrainingGraph(
    Model model,
    Value loss,
    Map<Value, Value> inputs,
    List<Value> targets,
    Map<Value, Value> parameters,
    Map<Value, Value> gradients,
    Map<Value, Value> returned) {

  /**
   * Builds the training graph of a model, which stays as it is.
   *
   * @throws ModelException.Unsupported listing every operator between parameters and loss that
   *     cannot be differentiated
   */
  public static TrainingGraph of(Model original, TrainingOptions options) {
    LoweredModel lowered = Lowering.of(original);
    Graph graph = lowered.model().graph();
    ShapeFacts shapes = ShapeInference.of(lowered.model());
    Map<Value, Value> candidates = new LinkedHashMap<>(); // lowered, by original
    for (Value candidate : Parameters.candidates(original)) {
      Value copy = lowered.of(candidate);
      if (copy != null && options.trainable().test(candidate)) {
        candidates.put(candidate, copy);
      }
    }
    BatchCopies copies = new BatchCopies(graph, shapes, candidates.values());
    graph.clearOutputs();
    Losses losses = new Losses(graph, shapes);
    List<Losses.Term> terms = new ArrayList<>();
    for (Loss loss : options.losses()) {
      terms.add(losses.write(loss, known(lowered, loss.value())));
    }
    Value loss = losses.total(terms);
    Set<Value> kept = new HashSet<>();
    options.returned().forEach(value -> kept.add(known(lowered, value)));
    NormedLayers.fold(graph, shapes, kept);
    ShapeFacts facts = ShapeInference.of(lowered.model());

    Value one = GraphBuilder.appendingTo(graph).in("loss").scalar(1);
    Map<Value, Value> gradients =
        Backward.append(graph, facts, Map.of(loss, one), candidates.values());
    candidates.values().retainAll(gradients.keySet());
    if (candidates.isEmpty()) {
      throw new ModelException.Unsupported(
          Location.of(original), "the loss depends on no parameter", "choose other parameters");
    }
    graph.addOutput(loss);
    candidates
        .values()
        .forEach(copy -> graph.addOutput(copies.gradient(copy, gradients.get(copy))));
    options.returned().forEach(value -> graph.addOutput(known(lowered, value)));
    Map<Value, Value> parameters = new LinkedHashMap<>();
    candidates.forEach((from, copy) -> parameters.put(from, fed(graph, copy)));
    JointCleanup.run(lowered.model());
    return assembled(original, options, lowered, terms, parameters);
  }

  /**
   * The forward pass alone: computes {@link #returned} from inputs and parameters, which have the
   * names they have in {@link #model}.
   */
  public Model forward() {
    ModelCopy copy = ModelCopy.of(model);
    Graph graph = copy.model().graph();
    graph.clearOutputs();
    returned.values().forEach(value -> graph.addOutput(copy.of(value)));
    JointCleanup.removeDead(graph);
    Stream.concat(targets.stream(), parameters.values().stream())
        .map(copy::of)
        .filter(input -> !input.isUsed())
        .forEach(graph::removeInput);
    return copy.model();
  }

  private static Value known(LoweredModel lowered, Value original) {
    Value value = lowered.of(original);
    if (value == null) {
      throw new ModelException.Unsupported(
          Location.of(original.graph().model()),
          "\"" + original.name() + "\" is inside a fused operator or a local function",
          "choose a value of the main graph");
    }
    return value;
  }

  /** Makes a constant a graph input. */
  private static Value fed(Graph graph, Value constant) {
    Tensor contents = Objects.requireNonNull(ConstantValue.of(constant));
    ValueType type = ValueType.TensorType.of(contents.type(), contents.dims());
    if (constant.producer().isEmpty()) {
      graph.feed(constant, type);
      return constant;
    }
    Value input = graph.addInput(graph.model().names().fresh(constant.name()), type);
    constant.replaceAllUsesWith(input);
    return input;
  }

  private static TrainingGraph assembled(
      Model original,
      TrainingOptions options,
      LoweredModel lowered,
      List<Losses.Term> terms,
      Map<Value, Value> parameters) {
    Graph graph = lowered.model().graph();
    ExecutionOrder.set(graph);
    List<Value> outputs = graph.outputs();
    Map<Value, Value> inputs = new LinkedHashMap<>();
    for (Value input : original.graph().inputs()) {
      if (input.constant() == null && !parameters.containsKey(input)) {
        inputs.put(input, known(lowered, input));
      }
    }
    int at = 1;
    Map<Value, Value> gradients = new LinkedHashMap<>();
    for (Value parameter : parameters.keySet()) {
      gradients.put(parameter, outputs.get(at++));
    }
    Map<Value, Value> returned = new LinkedHashMap<>();
    for (Value value : options.returned()) {
      returned.put(value, outputs.get(at++));
    }
    IrVerifier.verify(lowered.model());
    return new TrainingGraph(
        lowered.model(),
        outputs.get(0),
        inputs,
        terms.stream().map(Losses.Term::target).toList(),
        parameters,
        gradients,
        returned);
  }
}
