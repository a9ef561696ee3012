package io.gohsp.nd4j;

import io.gohsp.autodiff.Loss;
import io.gohsp.autodiff.Parameters;
import io.gohsp.autodiff.TrainingGraph;
import io.gohsp.autodiff.TrainingOptions;
import io.gohsp.engine.Engine;
import io.gohsp.engine.FlatVector;
import io.gohsp.engine.FlatVector.Slice;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.ort.HostTensor;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** A training graph with memory for its weights and gradients, and data to feed it. */
final class TrainingRun {
  private final TrainingGraph training;
  private final FlatVector weights;
  private final FlatVector gradients;
  private final Map<String, Slice> fed = new LinkedHashMap<>();
  private final Map<String, Slice> into = new LinkedHashMap<>();
  private final Map<String, HostTensor> data = new LinkedHashMap<>();

  private TrainingRun(TrainingGraph training) {
    this.training = training;
    int size = 0;
    for (Value parameter : training.parameters().keySet()) {
      size += Math.toIntExact(contents(parameter).size());
    }
    weights = FlatVector.allocate(size);
    gradients = FlatVector.allocate(size);
    int offset = 0;
    for (Value parameter : training.parameters().keySet()) {
      Tensor contents = contents(parameter);
      Slice weight = weights.slice(offset, contents.dims());
      weight.floats().put(contents.floats());
      fed.put(training.parameters().get(parameter).name(), weight);
      into.put(
          training.gradients().get(parameter).name(), gradients.slice(offset, contents.dims()));
      offset += weight.size();
    }
  }

  /** Towards random targets in mean squares, for every floating output. */
  static TrainingRun of(Model model, List<HostTensor> inputs, List<HostTensor> outputs) {
    ShapeFacts facts = ShapeInference.of(model);
    List<Value> taught =
        model.graph().outputs().stream()
            .filter(
                value ->
                    facts.type(value) != null
                        && Objects.requireNonNull(facts.type(value)).isFloating())
            .distinct()
            .toList();
    List<Loss> losses = new ArrayList<>();
    taught.forEach(value -> losses.add(new Loss.FeatureMatch(value, 1)));
    return of(model, losses, inputs, outputs);
  }

  /**
   * Towards random targets.
   *
   * @param outputs of the shape of what each loss compares with its target
   */
  static TrainingRun of(
      Model model, List<Loss> losses, List<HostTensor> inputs, List<HostTensor> outputs) {
    List<Value> taught = losses.stream().map(Loss::value).toList();
    TrainingRun run =
        new TrainingRun(
            TrainingGraph.of(model, new TrainingOptions(Parameters::trainable, losses, taught)));
    int index = 0;
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null) {
        run.feed(Objects.requireNonNull(run.training.inputs().get(input)), inputs.get(index++));
      }
    }
    Random random = new Random(3);
    for (int i = 0; i < taught.size(); i++) {
      HostTensor like = outputs.get(model.graph().outputs().indexOf(taught.get(i)));
      if (losses.get(i) instanceof Loss.CrossEntropy) {
        run.feed(run.training.targets().get(i), labels(like, random));
        continue;
      }
      float[] target = new float[like.size()];
      for (int j = 0; j < target.length; j++) {
        target[j] = 4 * random.nextFloat() - 2;
      }
      run.feed(run.training.targets().get(i), HostTensor.ofFloats(like.dims(), target));
    }
    return run;
  }

  private static HostTensor labels(HostTensor logits, Random random) {
    long[] labels = new long[Math.toIntExact(logits.dims()[0])];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(Math.toIntExact(logits.dims()[1]));
    }
    return HostTensor.ofIntegers(ElementType.INT64, new long[] {labels.length}, labels);
  }

  /** Half-precision inputs are FLOAT in a training graph. */
  private void feed(Value input, HostTensor tensor) {
    boolean widened = tensor.type().isFloating();
    data.put(input.name(), widened ? HostTensor.ofFloats(tensor.dims(), tensor.floats()) : tensor);
  }

  private static Tensor contents(Value parameter) {
    return Objects.requireNonNull(ConstantValue.of(parameter));
  }

  TrainingGraph training() {
    return training;
  }

  Map<String, HostTensor> data() {
    return data;
  }

  Engine.Executable compile(Engine engine) {
    return engine.compile("the training graph", training.model(), fed, into);
  }

  /** Every gradient by its parameter's name, and the loss as "loss"; copies. */
  Map<String, float[]> run(Engine engine) {
    try (Engine.Executable executable = compile(engine)) {
      return run(executable);
    }
  }

  Map<String, float[]> run(Engine.Executable executable) {
    FloatsOf.fill(gradients, Float.NaN);
    Map<String, HostTensor> results = executable.run(data);
    Map<String, float[]> found = new LinkedHashMap<>();
    found.put("loss", Objects.requireNonNull(results.get(training.loss().name())).floats());
    training
        .gradients()
        .forEach(
            (parameter, gradient) ->
                found.put(parameter.name(), FloatsOf.copy(into.get(gradient.name()))));
    return found;
  }

  /** Copies of memory. */
  private static final class FloatsOf {
    static float[] copy(Slice slice) {
      float[] values = new float[slice.size()];
      slice.floats().get(values);
      return values;
    }

    static void fill(FlatVector vector, float value) {
      for (int i = 0; i < vector.size(); i++) {
        vector.floats().put(i, value);
      }
    }
  }
}
