package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.ModelData;
import io.gohsp.data.Splits;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.method.Methods;
import io.gohsp.method.TrainedMethod;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.pipeline.TradeOff;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.report.Run;
import io.gohsp.report.TradeOffReport;
import io.gohsp.selection.Budget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The curve of how well a model does against how much of it stays. */
@Command(
    name = "tradeoff",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prunes and corrects a model to many sizes, without training, and tells how well each does:"
          + " the curve to choose a budget from. Writes no model.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp tradeoff model.onnx --data images/ --report curve.html",
      "  gohsp tradeoff model.onnx --data images/ --keep-macs 0.8,0.5,0.3"
    })
final class TradeoffCommand implements Callable<Integer>, Calibrating {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file;

  @Option(
      names = "--points",
      paramLabel = "N",
      description =
          "Sizes, evenly from 1/N of the parameters to the original (default: 10), unless budgets are"
              + " given.")
  private @Nullable Integer points;

  @Option(
      names = "--keep-params",
      split = ",",
      paramLabel = "LIST",
      description = "Budgets of parameters: parts (0.6,0.2) or numbers (14.4M).")
  private List<String> params = new ArrayList<>();

  @Option(
      names = "--keep-macs",
      split = ",",
      paramLabel = "LIST",
      description = "Budgets of multiply-accumulates.")
  private List<String> macs = new ArrayList<>();

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description = "What prune knows with data; only its plans count here (default: gohsp).")
  private @Nullable String method;

  @Mixin private SpreadOptions spread = new SpreadOptions();
  @Mixin private StudyOptions study = new StudyOptions();

  @Option(
      names = "--no-recover",
      description = "Leave out the correction in closed form after each cut.")
  private boolean unrecovered;

  @Option(
      names = "--evaluate",
      paramLabel = "N",
      description = "Validation samples to evaluate on (default: all).")
  private @Nullable Integer evaluated;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Samples in a run of evaluation (default: 64), where the model leaves that open.")
  private @Nullable Integer batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the choice of samples and whatever else is random (default: 0).")
  private long seed;

  @Mixin private DrawnFiles files = new DrawnFiles();
  @Mixin private ReportFile page = new ReportFile();

  @Mixin(name = "engine")
  private EngineOptions engines = new EngineOptions();

  @Mixin private VerificationOptions verification = new VerificationOptions();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    Integer elsewhere = cluster.elsewhere(spec);
    if (elsewhere != null) {
      return elsewhere;
    }
    List<Budget> budgets = budgets();
    Verification settings = verification.settings(seed);
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      files.requireFree(model, study.data().files());
      page.requireFree(model, study.data().files());
      page.requireFree(model, files.files());
      new Notes(console, Printed.err(spec)).onMask(model, study.data().mask());
      try (ModelData data = study.data().open(model).requireClasses()) {
        DataOptions.tell(phases, data);
        Splits splits = evaluated(study.splits(data, seed));
        TradeOff.Result result =
            new TradeOff(
                    model,
                    splits,
                    data,
                    settings(model, budgets, settings),
                    engines.engine(verification.execution()),
                    Calibration.of(data, splits, settings.device(), settings.threads(), seed)
                        .spread(ClusterSpread.of(spec)),
                    phases)
                .showing(point -> phases.tell(TradeoffText.line(point)))
                .run();
        phases.finish();
        new Notes(console, Printed.err(spec)).onChance(result.evaluation(), data.source());
        report(result, data.description());
      }
    }
    return ExitCodes.DONE;
  }

  @Override
  public Seen seen() {
    return study.opened(OnnxReader.read(file), seed, verification.execution(), this::evaluated);
  }

  private Splits evaluated(Splits splits) {
    return evaluated == null ? splits : splits.validatingOn(evaluated, seed);
  }

  private TradeOff.Settings settings(Model model, List<Budget> budgets, Verification settings) {
    return new TradeOff.Settings(
        method(),
        budgets.stream().map(budget -> spread.goal(budget, PruningDefaults.ALLOCATION)).toList(),
        study.isRotated(),
        unrecovered ? null : RecoverySettings.STANDARD,
        batch == null ? PruningDefaults.training(model).batch() : batch,
        study.data().mask(),
        settings);
  }

  private TrainedMethod method() {
    if (method == null || method.equals(PruningDefaults.METHOD.name())) {
      return PruningDefaults.METHOD;
    }
    return Methods.trained(method, seed);
  }

  /** From large to small; the original itself is measured anyway. */
  private List<Budget> budgets() {
    if (params.isEmpty() && macs.isEmpty()) {
      return TradeOff.budgets(points == null ? TradeOff.POINTS : points, spread.embeddings());
    }
    if (points != null) {
      throw new UsageError("--points and budgets exclude each other; give one of them");
    }
    spread.requireParams(!params.isEmpty());
    return Stream.concat(
            params.stream().<Budget>map(text -> Budget.params(text, spread.embeddings())),
            macs.stream().<Budget>map(Budget::macs))
        .toList();
  }

  private void report(TradeOff.Result result, String data) {
    String name = String.valueOf(file.getFileName());
    TradeOffReport drawn =
        new TradeOffReport(result, Run.of(name, null, CommandText.of(spec), seed, data));
    TradeoffText text = new TradeoffText(result, name, data, seed);
    String json = Json.text(text::write);
    files.write(json, drawn::svg);
    page.write(() -> drawn.html(json));
    text.print(console, json, Printed.out(spec));
  }
}
