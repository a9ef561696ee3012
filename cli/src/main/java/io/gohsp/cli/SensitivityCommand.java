package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.ModelData;
import io.gohsp.data.Splits;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.report.LossPicture;
import io.gohsp.selection.LossTable;
import io.gohsp.study.Study;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tables of errors: what it costs to keep some of anything. */
@Command(
    name = "sensitivity",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Tells for every block what it costs the loss to keep only some of its heads, columns of heads"
          + " and neurons, to second order: the tables that prune spreads a budget by.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp sensitivity model.onnx --data images/",
      "  gohsp sensitivity model.onnx --data images/ --picture tables.svg"
    })
final class SensitivityCommand implements Callable<Integer>, Calibrating {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file;

  @Mixin private StudyOptions study = new StudyOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the choice of samples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private DrawnFiles files = new DrawnFiles();
  @Mixin private ExecutionOptions execution = new ExecutionOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    Integer elsewhere = cluster.elsewhere(spec);
    if (elsewhere != null) {
      return elsewhere;
    }
    if (!execution.sizes().isEmpty()) {
      throw new UsageError("--size has no effect: the data decide about sizes; leave it out");
    }
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      files.requireFree(model, study.data().files());
      new Notes(console, Printed.err(spec)).onMask(model, study.data().mask());
      try (ModelData data = study.data().open(model).requireClasses()) {
        DataOptions.tell(phases, data);
        Splits splits = study.splits(data, seed);
        Calibration calibration =
            Calibration.of(data, splits, execution.device(), execution.threads(), seed)
                .spread(ClusterSpread.of(spec));
        List<LossTable> tables =
            Study.of(model, study.isRotated(), calibration, splits.train().isLabelled(), phases)
                .tables();
        phases.finish();
        report(tables, data.description(), splits.calibration().size());
      }
    }
    return ExitCodes.DONE;
  }

  @Override
  public Seen seen() {
    return study.opened(OnnxReader.read(file), seed, execution);
  }

  private void report(List<LossTable> tables, String data, int samples) {
    String title =
        "%s: what it costs the loss to keep a part, everything else being whole (%d samples)"
            .formatted(file.getFileName(), samples);
    Json.Part contents = json -> write(json, tables, data, samples);
    files.write(Json.text(contents), () -> LossPicture.svg(title, tables));
    PrintWriter out = Printed.out(spec);
    if (console.json()) {
      Json.print(out, contents);
    } else if (console.text()) {
      out.println(title);
      out.println(data);
      LossTables.print(tables, out);
      out.flush();
    }
  }

  private void write(Json json, List<LossTable> tables, String data, int samples)
      throws IOException {
    json.put("data", data);
    json.put("samples", samples);
    json.put("seed", seed);
    json.put("rotated", study.isRotated());
    json.array("tables", array -> LossTables.write(array, tables));
  }
}
