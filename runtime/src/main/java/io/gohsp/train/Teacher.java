package io.gohsp.train;

import io.gohsp.engine.Engine;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ort.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A model whose outputs another one is to reproduce; it is executed and never changed. */
public final class Teacher implements AutoCloseable {
  private final Engine.Executable executable;

  /** Those without a default. */
  private final List<Value> inputs;

  private Teacher(Engine.Executable executable, List<Value> inputs) {
    this.executable = executable;
    this.inputs = inputs;
  }

  /**
   * Makes a teacher ready.
   *
   * @param outputs of the student that are taught; the teacher must have outputs of these names
   * @throws ModelException.Unsupported if it lacks one of the outputs, or an input that the student
   *     does not have
   */
  public static Teacher of(Model model, Model student, List<Value> outputs, Engine engine) {
    List<String> own = model.graph().outputs().stream().map(Value::name).toList();
    for (Value output : outputs) {
      if (!own.contains(output.name())) {
        throw new ModelException.Unsupported(
            Location.of(model),
            "the teacher has no output \"" + output.name() + "\"; it has " + own,
            "use a teacher with the student's outputs");
      }
    }
    List<String> fed = student.graph().inputs().stream().map(Value::name).toList();
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null && !fed.contains(input.name())) {
        throw new ModelException.Unsupported(
            Location.of(model),
            "the teacher reads \"" + input.name() + "\", the student only " + fed,
            "use a teacher with the student's inputs");
      }
    }
    return new Teacher(
        engine.compile("the teacher", model, Map.of(), Map.of()),
        model.graph().inputs().stream().filter(input -> input.constant() == null).toList());
  }

  /**
   * What it says.
   *
   * @return its outputs by name, valid until the next call
   */
  Map<String, HostTensor> outputs(Map<String, HostTensor> samples) {
    Map<String, HostTensor> data = new LinkedHashMap<>();
    for (Value input : inputs) {
      HostTensor given = Objects.requireNonNull(samples.get(input.name()));
      data.put(input.name(), TrainableModel.fitting(given, input));
    }
    return executable.run(data);
  }

  @Override
  public void close() {
    executable.close();
  }
}
