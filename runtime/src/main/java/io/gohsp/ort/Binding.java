package io.gohsp.ort;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A program with tensors tied to its inputs and, where wanted, to its outputs: many runs over the
 * same memory, without copies. Closing it leaves program and memory alone.
 */
public final class Binding implements AutoCloseable {
  private final OrtProgram program;
  private final Map<String, HostTensor> feed;
  private final Map<String, HostTensor> results;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();

  Binding(OrtProgram program, Map<String, HostTensor> feed, Map<String, HostTensor> results) {
    this.program = program;
    this.feed = new LinkedHashMap<>(feed);
    this.results = new LinkedHashMap<>(results);
    requireKnown("output", program.outputs().keySet(), results);
    results.forEach(
        (name, tensor) -> {
          if (!tensor.bytes().isDirect()) { // would be copied, and the copy thrown away
            throw new IllegalArgumentException(
                "the memory for output \"" + name + "\" is not direct");
          }
        });
    try {
      for (Map.Entry<String, HostTensor> entry : feed.entrySet()) {
        inputs.put(entry.getKey(), program.toOnnx(entry.getKey(), entry.getValue()));
      }
      for (Map.Entry<String, HostTensor> entry : results.entrySet()) {
        outputs.put(entry.getKey(), program.toOnnx(entry.getKey(), entry.getValue()));
      }
    } catch (OrtException e) {
      close();
      throw program.failure(feed, e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void requireKnown(String kind, Collection<String> known, Map<String, HostTensor> given) {
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        throw new ModelException.ExecutionFailed(
            new Location(program.source(), null, null),
            program.name() + " has no " + kind + " \"" + name + "\"; it has " + known,
            null);
      }
    }
  }

  /**
   * Runs once. Tied outputs are in their memory afterwards.
   *
   * @return the tied tensors if outputs are tied, otherwise copies of all outputs, in the model's
   *     order
   * @throws ModelException.ExecutionFailed if the feed does not fit or ONNX Runtime fails
   */
  public Map<String, HostTensor> run() {
    if (!outputs.isEmpty()) {
      execute();
      return results;
    }
    try (OrtSession.Result result = program.session().run(inputs)) {
      Map<String, HostTensor> copies = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> entry : result) {
        copies.put(entry.getKey(), program.toHost(entry.getKey(), entry.getValue()));
      }
      return copies;
    } catch (OrtException | IllegalStateException e) {
      throw program.failure(feed, e);
    }
  }

  /**
   * Runs once for the effect on tied outputs, or for the clock: outputs that are not tied are
   * dropped unread.
   */
  public void execute() {
    try (OrtSession.Result result =
        outputs.isEmpty()
            ? program.session().run(inputs)
            : program.session().run(inputs, outputs)) {
      if (result.size() == 0) {
        throw new AssertionError("a run without outputs");
      }
    } catch (OrtException | IllegalStateException e) {
      throw program.failure(feed, e);
    }
  }

  /** Unties everything. */
  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
  }
}
