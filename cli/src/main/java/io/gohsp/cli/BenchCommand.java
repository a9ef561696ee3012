package io.gohsp.cli;

import io.gohsp.bench.Latency;
import io.gohsp.bench.LatencyProbe;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.verify.SampleInputs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Times models. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times models against each other in ONNX Runtime.",
      "They run in turns, so that all see the same state of the machine; ratios are to the first.",
      "With --training it times training steps of one model: loss, gradients, AdamW update.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp bench model.onnx pruned.onnx --batch 1 --batch 8",
      "  gohsp bench model.onnx --training --batch 64"
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description = "ONNX files that take the same inputs.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples in a run (default: 1); repeatable. Only where the batch is symbolic.")
  private List<Long> batches = new ArrayList<>();

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "15",
      description = "Timed runs of each model (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--training",
      description = "Time training steps on random data, and measure the memory they take.")
  private boolean training;

  @Mixin private EngineOptions engines = new EngineOptions();
  @Mixin private ExecutionOptions execution = new ExecutionOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    if (steps < 1) {
      throw new UsageError("--steps " + steps + " measures nothing; give 1 or more");
    }
    batches.forEach(
        batch -> {
          if (batch < 1) {
            throw new UsageError("--batch " + batch + " is no number of samples; give 1 or more");
          }
        });
    if (training) {
      train();
    } else {
      run();
    }
    return ExitCodes.DONE;
  }

  private void train() {
    if (files.size() > 1) {
      throw new UsageError(
          "--training measures the memory of the whole process and takes one MODEL, not %d; call bench for each"
              .formatted(files.size()));
    }
    if (batches.size() > 1) {
      throw new UsageError(
          "--training measures the memory of the whole process and takes one --batch, not %d; call bench for each"
              .formatted(batches.size()));
    }
    Path file = files.get(0);
    OptionalLong batch = batches.isEmpty() ? OptionalLong.empty() : OptionalLong.of(batches.get(0));
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      TrainingBench.measure(file, engines.engine(execution), execution, batch, steps, phases)
          .print(console, Printed.out(spec));
    }
  }

  private void run() {
    if (spec.commandLine().getParseResult().hasMatchedOption("--engine")) {
      throw new UsageError(
          "--engine says what executes training, and nothing is trained; leave it out or add --training");
    }
    List<OrtProgram> programs = new ArrayList<>();
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      List<Latency> results = measure(programs, phases);
      phases.finish();
      String device = programs.get(0).device().toString();
      PrintWriter out = Printed.out(spec);
      if (console.json()) {
        Json.print(out, json -> write(json, device, results));
      } else if (console.text()) {
        print(out, results);
      }
    } finally {
      programs.forEach(OrtProgram::close);
    }
  }

  /** For each batch, each model. */
  private List<Latency> measure(List<OrtProgram> programs, Phases phases) {
    phases.accept("loading");
    OrtOptions options =
        OrtOptions.DEFAULT.withDevice(execution.device()).withThreads(execution.threads());
    List<Model> models = files.stream().map(OnnxReader::read).toList();
    models.forEach(model -> programs.add(OrtProgram.compile(model, options)));
    SampleInputs inputs = SampleInputs.find(models.get(0), programs.get(0), execution.sizes(), 0);
    if (!inputs.hasSymbolicBatch() && !batches.isEmpty()) {
      throw new UsageError(
          "--batch has no effect: the batch of " + files.get(0) + " is built in; leave it out");
    }
    requireSameInputs(programs);
    LatencyProbe probe = new LatencyProbe(LatencyProbe.STANDARD.warmUp(), steps);
    List<Latency> results = new ArrayList<>();
    for (long batch : inputs.hasSymbolicBatch() && !batches.isEmpty() ? batches : List.of(1L)) {
      phases.accept("measuring with batch " + batch);
      results.addAll(probe.interleaved(programs, inputs, batch));
    }
    return results;
  }

  private void requireSameInputs(List<OrtProgram> programs) {
    Map<String, ValueType> first = programs.get(0).inputs();
    for (int i = 1; i < programs.size(); i++) {
      Map<String, ValueType> other = programs.get(i).inputs();
      if (!other.keySet().equals(first.keySet())
          || first.keySet().stream()
              .anyMatch(name -> first.get(name).isOtherShapeThan(other.get(name)))) {
        throw new UsageError(
            "%s takes other inputs (%s) than %s (%s); time models that take the same"
                .formatted(files.get(i), listed(other), files.get(0), listed(first)));
      }
    }
  }

  private static String listed(Map<String, ValueType> inputs) {
    return inputs.entrySet().stream()
        .map(input -> input.getKey() + " " + input.getValue())
        .collect(Collectors.joining(", "));
  }

  private Path file(int result) {
    return files.get(result % files.size());
  }

  private void write(Json json, String device, List<Latency> results) throws IOException {
    json.put("device", device);
    json.put("steps", (long) steps);
    json.array(
        "models",
        array -> {
          for (int i = 0; i < results.size(); i++) {
            Latency latency = results.get(i);
            String path = file(i).toString();
            array.element(
                object -> {
                  object.put("path", path);
                  object.put("batch", latency.batch());
                  object.putMs("medianMs", latency.medianMs());
                  object.putMs("minMs", latency.minMs());
                  object.put("ratio", latency.ratio());
                });
          }
        });
    json.putNull("training");
  }

  private void print(PrintWriter out, List<Latency> results) {
    TextTable table =
        new TextTable().row("", "batch", "median ms", "min ms", "samples/s", "relative latency");
    for (int i = 0; i < results.size(); i++) {
      Latency latency = results.get(i);
      table.row(
          file(i).toString(),
          Long.toString(latency.batch()),
          String.format(Locale.ROOT, "%.2f", latency.medianMs()),
          String.format(Locale.ROOT, "%.2f", latency.minMs()),
          String.format(Locale.ROOT, "%.1f", latency.throughput()),
          String.format(Locale.ROOT, "%.2f", latency.ratio()));
    }
    table.print(out);
    out.flush();
  }
}
