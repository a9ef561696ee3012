package io.gohsp.recover;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.linear.CutPoints;
import io.gohsp.linear.Stage;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How far the calibration samples have come in one model: batch by batch the values that flow
 * across a place of its graph. The model's weights and its graph behind that place may change.
 */
final class ModelStream {
  private final String name;
  private final Model model;
  private final ActivationStore store;
  private final OrtOptions options;
  private final List<Map<String, HostTensor>> batches;
  private int place;
  private long nodesRun;

  /**
   * At a place of the graph.
   *
   * @param name what messages call the model
   * @param nodesRun for each batch, on the way there
   * @param batches values that flow across, kept by the store, {@link TokenMask#FED} perhaps among
   *     them; the list is not copied
   */
  ModelStream(
      String name,
      Model model,
      int place,
      long nodesRun,
      List<Map<String, HostTensor>> batches,
      ActivationStore store,
      OrtOptions options) {
    this.name = name;
    this.model = model;
    this.place = place;
    this.nodesRun = nodesRun;
    this.batches = batches;
    this.store = store;
    this.options = options;
  }

  Model model() {
    return model;
  }

  int batches() {
    return batches.size();
  }

  /** What the samples take where they are, without texts. */
  long bytes() {
    return batches.stream()
        .flatMap(batch -> batch.values().stream())
        .filter(value -> value.type().bits() > 0)
        .mapToLong(value -> value.bytes().capacity())
        .sum();
  }

  /** Nodes that were executed, added up over all programs, for one batch. */
  long nodesRun() {
    return nodesRun;
  }

  /** A program that starts where the samples are. */
  final class Run implements AutoCloseable {
    private final Map<String, String> inputs;
    private final OrtProgram program;

    /**
     * @param whole a copy of the model that returns something; it is cut to what is left to compute
     */
    Run(Model whole) {
      inputs = Stage.cut(whole, entry());
      program = OrtProgram.compile(name, whole, options);
      nodesRun += whole.graph().nodes().size();
    }

    Map<String, HostTensor> run(int batch, Map<String, HostTensor> more) {
      Map<String, HostTensor> feed = new LinkedHashMap<>(more);
      inputs.forEach(
          (value, input) -> feed.put(input, Objects.requireNonNull(batches.get(batch).get(value))));
      return program.run(feed);
    }

    @Override
    public void close() {
      program.close();
    }
  }

  /** Types of the values there are; extents that all batches have are fixed. */
  private Map<String, TensorType> entry() {
    Map<String, TensorType> entry = new LinkedHashMap<>();
    batches.get(0).forEach((value, tensor) -> entry.put(value, type(value, tensor)));
    return entry;
  }

  private TensorType type(String value, HostTensor first) {
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < first.dims().length; axis++) {
      int at = axis;
      long extent = first.dims()[axis];
      boolean same =
          batches.stream()
              .allMatch(batch -> Objects.requireNonNull(batch.get(value)).dims()[at] == extent);
      dims.add(same ? Dim.of(extent) : Dim.of(value + "." + axis));
    }
    return new TensorType(first.type(), dims);
  }

  /** On the way to a place further on, or staying. */
  final class Move {
    private final int to;
    private final List<String> across;

    private Move(int to, List<String> across) {
      this.to = to;
      this.across = across;
    }

    /** Whether a copy of some of the model's nodes makes what is not there yet. */
    boolean isMadeBy(Model copy) {
      return missing().allMatch(made(copy)::containsKey);
    }

    /** Makes a copy of the model return what is not there yet. */
    void addOutputs(Model copy) {
      Map<String, Value> made = made(copy);
      missing().forEach(value -> copy.graph().addOutput(Objects.requireNonNull(made.get(value))));
    }

    private Stream<String> missing() {
      return across.stream().filter(value -> !batches.get(0).containsKey(value));
    }

    private Map<String, Value> made(Model copy) {
      Set<String> missing = missing().collect(Collectors.toSet());
      return copy.graph().nodes().stream()
          .flatMap(Node::presentOutputs)
          .filter(value -> missing.contains(value.name()))
          .collect(Collectors.toMap(Value::name, value -> value));
    }

    /** Takes what a run of that copy returned. */
    void take(int batch, Map<String, HostTensor> results) {
      Map<String, HostTensor> old = batches.get(batch);
      Map<String, HostTensor> next = new LinkedHashMap<>();
      for (String value : across) {
        HostTensor known = old.get(value);
        next.put(
            value,
            known == null
                ? store.keep(Objects.requireNonNull(results.get(value)))
                : store.share(known));
      }
      old.values().forEach(store::release);
      batches.set(batch, next);
    }

    void arrived() {
      place = to;
    }
  }

  /** Stays where the samples are. */
  Move stay() {
    return new Move(place, List.copyOf(batches.get(0).keySet()));
  }

  /** Stays if the samples are there already, or further. */
  Move moveTo(int to) {
    if (to <= place) {
      return stay();
    }
    List<String> across = new ArrayList<>(CutPoints.of(model).across(to));
    if (batches.get(0).containsKey(TokenMask.FED)) {
      across.add(TokenMask.FED);
    }
    return new Move(to, across);
  }

  /**
   * Brings the samples further.
   *
   * @throws ModelException.Unsupported if something else than tensors flows there; the samples then
   *     are where they were
   */
  void advance(int to) {
    if (to <= place) {
      return;
    }
    Move move = moveTo(to);
    Model copy = ModelCopy.of(model).model();
    copy.graph().clearOutputs();
    move.addOutputs(copy);
    if (copy.graph().outputs().isEmpty()) {
      for (int batch = 0; batch < batches.size(); batch++) {
        move.take(batch, Map.of());
      }
    } else {
      try (Run run = new Run(copy)) {
        for (int batch = 0; batch < batches.size(); batch++) {
          move.take(batch, run.run(batch, Map.of()));
        }
      }
    }
    move.arrived();
  }
}
