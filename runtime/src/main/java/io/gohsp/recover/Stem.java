package io.gohsp.recover;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
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
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The first stretch of a model's graph, from its inputs to where little flows: samples are kept
 * there and not as they come. Pictures are twice as large as what a ViT makes of them.
 */
final class Stem implements AutoCloseable {
  private final String name;
  private final Model model;
  private final OrtOptions options;
  private final List<Map<String, HostTensor>> batches = new ArrayList<>();
  private int place;
  private @Nullable OrtProgram program;
  private long nodes;

  /**
   * @param name what messages call the model
   * @param layer the output of the first layer that samples are to be kept for
   */
  Stem(String name, Model model, String layer, OrtOptions options) {
    this.name = name;
    this.model = model;
    this.options = options;
    this.place = CutPoints.of(model).narrowest(layer);
  }

  /**
   * Takes the next batch.
   *
   * @param inputs what is fed, by name; perhaps {@link TokenMask#FED}, too
   * @param keeper keeps a tensor, given its name
   */
  void take(Map<String, HostTensor> inputs, BiFunction<String, HostTensor, HostTensor> keeper) {
    Map<String, HostTensor> known = new LinkedHashMap<>(inputs);
    List<String> across = across(inputs.keySet());
    try {
      known.putAll(results(inputs, across));
    } catch (ModelException.Unsupported somethingElseThanTensors) {
      if (!batches.isEmpty()) {
        throw somethingElseThanTensors;
      }
      close();
      program = null;
      place = 0;
      across = across(inputs.keySet());
    }
    Map<String, HostTensor> kept = new LinkedHashMap<>();
    for (String value : across) {
      kept.put(value, keeper.apply(value, Objects.requireNonNull(known.get(value))));
    }
    batches.add(kept);
  }

  private List<String> across(Set<String> inputs) {
    List<String> across = new ArrayList<>(CutPoints.of(model).across(place));
    if (inputs.contains(TokenMask.FED)) {
      across.add(TokenMask.FED);
    }
    return across;
  }

  private Map<String, HostTensor> results(Map<String, HostTensor> inputs, List<String> across) {
    if (program == null) {
      Model copy = ModelCopy.of(model).model();
      copy.graph().clearOutputs();
      copy.graph().nodes().stream()
          .flatMap(node -> node.presentOutputs())
          .filter(value -> across.contains(value.name()) && !inputs.containsKey(value.name()))
          .toList()
          .forEach(copy.graph()::addOutput);
      if (copy.graph().outputs().isEmpty()) {
        return Map.of();
      }
      Stage.cut(copy, Map.of());
      nodes = copy.graph().nodes().size();
      program = OrtProgram.compile(name, copy, options);
    }
    OrtProgram some = program;
    return some.run(
        inputs.entrySet().stream()
            .filter(input -> some.inputs().containsKey(input.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /** Where all samples are now. */
  ModelStream stream(ActivationStore store) {
    return new ModelStream(name, model, place, nodes, batches, store, options);
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
  }
}
