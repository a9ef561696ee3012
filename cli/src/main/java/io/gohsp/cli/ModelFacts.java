package io.gohsp.cli;

import io.gohsp.cost.Cost;
import io.gohsp.data.ModelInputs;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.report.Quantity;
import io.gohsp.selection.Amount;
import io.gohsp.selection.Budget;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.RandomImportance;
import io.gohsp.selection.SelectionOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the file says of a model, and how small it can become.
 *
 * @param inputs as they are declared
 * @param outputs likewise
 * @param batch {@code free}, or the number of samples that is built in
 * @param producer what wrote the file; empty if it does not say
 * @param opsets versions of operator sets by domain
 * @param operators how many nodes there are of each, the most frequent first; subgraphs included
 * @param sideFiles where weights lie that are not in the file
 * @param leastParams parameters that stay with one head, column and neuron everywhere; empty if
 *     nothing can go
 * @param leastMacs likewise multiply-accumulates
 */
record ModelFacts(
    List<Declared> inputs,
    List<Declared> outputs,
    String batch,
    String producer,
    long irVersion,
    Map<String, Long> opsets,
    Map<String, Long> operators,
    List<Path> sideFiles,
    OptionalLong leastParams,
    OptionalLong leastMacs) {
  /** How long a line of operators may become. */
  private static final int WIDTH = 100;

  /** A name and a type. */
  record Declared(String name, String type) {
    private static List<Declared> of(List<Value> values) {
      return values.stream()
          .filter(value -> value.constant() == null)
          .map(value -> new Declared(value.name(), String.valueOf(value.type())))
          .toList();
    }

    @Override
    public String toString() {
      return name + " " + type;
    }
  }

  static ModelFacts of(Model model, WorkingModel working) {
    OptionalInt builtIn = ModelInputs.builtInBatch(ModelInputs.of(model));
    Path own = model.source() == null ? null : model.source().toAbsolutePath();
    return new ModelFacts(
        Declared.of(model.graph().inputs()),
        Declared.of(model.graph().outputs()),
        builtIn.isPresent() ? Integer.toString(builtIn.getAsInt()) : "free",
        OnnxReader.producer(model),
        model.irVersion(),
        new LinkedHashMap<>(model.opsets()),
        operators(model),
        OnnxReader.files(model).stream().filter(file -> !file.equals(own)).toList(),
        least(working, new Budget.Params(new Amount.Absolute(1))),
        least(working, new Budget.Macs(new Amount.Absolute(1))));
  }

  private static Map<String, Long> operators(Model model) {
    Map<String, Long> counts =
        Traversal.allNodes(model)
            .collect(
                Collectors.groupingBy(
                    node -> node.op().toString(), LinkedHashMap::new, Collectors.counting()));
    Map<String, Long> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  /** The smallest budget that can be met. */
  private static OptionalLong least(WorkingModel working, Budget impossible) {
    if (working.blocks().isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      PlanSelector.select(
          working,
          RandomImportance.of(working.blocks(), 0),
          SelectionOptions.of(impossible),
          Map.of());
      return OptionalLong.empty();
    } catch (ModelException.NothingToPrune e) {
      return e.least();
    }
  }

  /** How many nodes there are, those of subgraphs included. */
  long nodes() {
    return operators.values().stream().mapToLong(Long::longValue).sum();
  }

  void print(PrintWriter out) {
    lines("inputs", inputs.stream().map(Declared::toString)).forEach(out::println);
    lines("outputs", outputs.stream().map(Declared::toString)).forEach(out::println);
    out.println(line("batch", batch.equals("free") ? batch : batch + ", built in"));
    out.println(line("format", format()));
    lines("nodes", counted().stream()).forEach(out::println);
    lines("side file", sideFiles.stream().map(Path::getFileName).map(Path::toString))
        .forEach(out::println);
  }

  private static Stream<String> lines(String what, Stream<String> values) {
    List<String> lines = new ArrayList<>();
    values.forEach(value -> lines.add(line(lines.isEmpty() ? what : "", value)));
    return lines.stream();
  }

  private static String line(String what, String value) {
    return what + " ".repeat(11 - what.length()) + value;
  }

  /** Version of the format, operator sets, and what wrote the file. */
  String format() {
    String versions =
        opsets.entrySet().stream()
            .map(e -> (e.getKey().isEmpty() ? "opset" : e.getKey()) + " " + e.getValue())
            .collect(Collectors.joining(", "));
    return "IR " + irVersion + ", " + versions + (producer.isEmpty() ? "" : ", by " + producer);
  }

  /** All operators with their numbers, in lines. */
  private List<String> counted() {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(nodes() + ":");
    for (Map.Entry<String, Long> entry : operators.entrySet()) {
      String next = " " + entry.getValue() + " " + entry.getKey() + ",";
      if (line.length() + next.length() > WIDTH) {
        lines.add(line.toString().strip());
        line.setLength(0);
      }
      line.append(next);
    }
    lines.add(line.substring(0, line.length() - 1).strip());
    return lines;
  }

  /** How small the model can become; nothing where nothing can go. */
  void addLeast(TextTable table, Cost cost) {
    if (leastParams.isPresent()) {
      table.row(
          "parameters at least",
          Quantity.of(leastParams.getAsLong())
              + ", "
              + Quantity.percent(leastParams.getAsLong(), cost.params()));
    }
    if (leastMacs.isPresent()) {
      table.row(
          "multiply-accumulates at least",
          Quantity.of(leastMacs.getAsLong())
              + ", "
              + Quantity.percent(leastMacs.getAsLong(), cost.macs()));
    }
  }

  void write(Json json) throws IOException {
    declared(json, "inputs", inputs);
    declared(json, "outputs", outputs);
    json.put("batch", batch.equals("free") ? null : Integer.valueOf(batch));
    json.put("producer", producer);
    json.put("irVersion", irVersion);
    json.object(
        "opsets",
        object -> {
          for (Map.Entry<String, Long> opset : opsets.entrySet()) {
            object.put(opset.getKey(), opset.getValue());
          }
        });
    json.object(
        "operators",
        object -> {
          for (Map.Entry<String, Long> operator : operators.entrySet()) {
            object.put(operator.getKey(), operator.getValue());
          }
        });
    json.array(
        "sideFiles",
        array -> {
          for (Path file : sideFiles) {
            array.element(object -> object.put("file", file.toString()));
          }
        });
    json.object(
        "least",
        object -> {
          put(object, "params", leastParams);
          put(object, "macs", leastMacs);
        });
  }

  private static void put(Json json, String name, OptionalLong number) throws IOException {
    if (number.isPresent()) {
      json.put(name, number.getAsLong());
    } else {
      json.putNull(name);
    }
  }

  private static void declared(Json json, String name, List<Declared> values) throws IOException {
    json.array(
        name,
        array -> {
          for (Declared value : values) {
            array.element(
                object -> {
                  object.put("name", value.name());
                  object.put("type", value.type());
                });
          }
        });
  }
}
