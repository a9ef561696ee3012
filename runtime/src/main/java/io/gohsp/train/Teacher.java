package io.gohsp.train;

import io.gohsp.data.ModelOutputs;
import io.gohsp.engine.Engine;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.verify.NoNumbers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A model whose outputs another one is to reproduce; it is executed and never changed. */
public final class Teacher implements AutoCloseable {
  private final Model model;
  private final Engine.Executable executable;

  /** Those without a default. */
  private final List<Value> inputs;

  private final Padding padding;

  private Teacher(Model model, Engine.Executable executable, List<Value> inputs, Padding padding) {
    this.model = model;
    this.executable = executable;
    this.inputs = inputs;
    this.padding = padding;
  }

  /**
   * Makes a teacher ready.
   *
   * @param outputs of the student that are taught; the teacher must have outputs of these names
   * @throws ModelException.Unsupported if it lacks one of the outputs, or reads an input that the
   *     student does not have, or one of them has another shape
   */
  public static Teacher of(Model model, Model student, List<Value> outputs, Engine engine) {
    return of(model, student, outputs, engine, TokenMask.of(model, null));
  }

  /**
   * Likewise with a mask that is known.
   *
   * @param mask of the teacher's inputs; null if all tokens count
   */
  public static Teacher of(
      Model model, Model student, List<Value> outputs, Engine engine, @Nullable TokenMask mask) {
    for (Value output : outputs) {
      Value own = named(output.name(), model.graph().outputs());
      if (own == null) {
        throw new ModelException.Unsupported(
            Location.of(model),
            "the teacher has no output \"%s\"; it has %s"
                .formatted(output.name(), names(model.graph().outputs())),
            "use a teacher with the student's outputs");
      }
      requireSameShape("output", own, output, model);
    }
    List<Value> fed = model.graph().inputs().stream().filter(i -> i.constant() == null).toList();
    for (Value input : fed) {
      Value given = named(input.name(), student.graph().inputs());
      if (given == null) {
        throw new ModelException.Unsupported(
            Location.of(model),
            "the teacher reads \"%s\", the student only %s"
                .formatted(input.name(), names(student.graph().inputs())),
            "use a teacher with the student's inputs");
      }
      requireSameShape("input", input, given, model);
    }
    return new Teacher(
        model,
        engine.compile("the teacher", model, Map.of(), Map.of()),
        fed,
        new Padding(ModelOutputs.logits(model) == null ? mask : null, engine));
  }

  private static @Nullable Value named(String name, List<Value> values) {
    return values.stream().filter(value -> value.name().equals(name)).findFirst().orElse(null);
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(Value::name).toList();
  }

  private static void requireSameShape(String what, Value own, Value student, Model model) {
    if (own.type() != null && own.type().isOtherShapeThan(student.type())) {
      throw new ModelException.Unsupported(
          Location.of(model),
          "the teacher's %s \"%s\" is %s, the student's %s"
              .formatted(what, own.name(), own.type(), student.type()),
          "use a teacher with %ss of the student's shape".formatted(what));
    }
  }

  /** Whether it may have nothing to say about some tokens. */
  boolean isPartial() {
    return padding.isPossible();
  }

  /**
   * What it says, NaN about padding.
   *
   * @return its outputs by name, valid until the next call
   * @throws ModelException.Unsupported if it says NaN about anything else
   * @throws ModelException.Malformed if its file was written to since it was read
   */
  Map<String, HostTensor> outputs(Map<String, HostTensor> samples) {
    Map<String, HostTensor> data = new LinkedHashMap<>();
    for (Value input : inputs) {
      HostTensor given = Objects.requireNonNull(samples.get(input.name()));
      data.put(input.name(), TrainableModel.fitting(given, input));
    }
    Map<String, HostTensor> outputs = executable.run(data);
    OnnxReader.requireUnchanged(model);
    if (!padding.isPossible()) { // what is NaN there may be padding
      outputs.forEach(this::requireNumbers);
    }
    return padding.blanked(outputs, data);
  }

  private void requireNumbers(String name, HostTensor output) {
    if (output.type().isFloating()) {
      for (float number : output.floats()) {
        if (Float.isNaN(number)) {
          throw NoNumbers.of(model, "teaches nothing: its \"" + name + "\" is NaN on the data");
        }
      }
    }
  }

  @Override
  public void close() {
    executable.close();
    padding.close();
  }
}
