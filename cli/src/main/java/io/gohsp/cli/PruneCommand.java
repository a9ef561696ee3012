package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.Pruner;
import io.gohsp.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings;
import io.gohsp.latency.LatencyTarget;
import io.gohsp.method.Methods;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Budget;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions.Allocation;
import io.gohsp.plan.SelectionOptions.Floors;
import io.gohsp.plan.Share;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model smaller. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Removes heads, columns and neurons, verifies the result and writes it.",
      "Needs no data: what stays is chosen by the weights alone.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp prune model.onnx -o pruned.onnx --keep-params 0.7",
      "  gohsp prune model.onnx -o pruned.onnx --heads 4 --neurons 75%%",
      "  gohsp prune sparse.onnx -o pruned.onnx --method zeros"
    })
final class PruneCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file;

  @Mixin private OutputFile output = new OutputFile();

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "somp",
      description = {
        "somp: the groups with the smallest weights go (default);",
        "random: groups chosen at random go, for comparison;",
        "zeros: only what is zero already goes, all of it."
      })
  private String method = "somp";

  @ArgGroup private @Nullable BudgetOption budget;

  /** At most one budget. */
  static final class BudgetOption {
    @Option(
        names = "--keep-params",
        required = true,
        paramLabel = "F",
        description = "Parameters to keep: a part (0.6, 60%%) or a number (14.4M).")
    @Nullable String params;

    @Option(
        names = "--keep-macs",
        required = true,
        paramLabel = "F",
        description = "Multiply-accumulates to keep: a part or a number (3.0G).")
    @Nullable String macs;

    @Option(
        names = "--latency",
        required = true,
        paramLabel = "F",
        description =
            "Time of a run, measured on this machine: a part of the original's (0.6) or a time (12ms).")
    @Nullable String latency;
  }

  @Option(
      names = "--latency-batch",
      paramLabel = "N",
      description = "Samples in a run, for --latency (default: 1).")
  private @Nullable Long latencyBatch;

  @Option(
      names = "--latency-threads",
      paramLabel = "N",
      description = "Threads of one operator, for --latency (default: as --threads).")
  private @Nullable Integer latencyThreads;

  @Option(
      names = "--heads",
      paramLabel = "K",
      description = "Heads each layer keeps: a count (4) or a percentage (75%%).")
  private @Nullable String heads;

  @Option(names = "--neurons", paramLabel = "K", description = "Neurons each layer keeps.")
  private @Nullable String neurons;

  @Option(names = "--qk", paramLabel = "K", description = "Query-key columns each head keeps.")
  private @Nullable String qk;

  @Option(names = "--v", paramLabel = "K", description = "Value columns each head keeps.")
  private @Nullable String v;

  @Option(
      names = "--allocation",
      paramLabel = "HOW",
      defaultValue = "uniform",
      description =
          "How a budget is spread: uniform (every layer keeps the same part, the default) or global"
              + " (the scores decide).")
  private String allocation = "uniform";

  @Option(
      names = "--align",
      paramLabel = "N",
      description =
          "What is cut keeps a multiple of N neurons or columns (default: 1; with --latency the"
              + " fastest of 1, 4, 8 and 16, measured).")
  private @Nullable Integer align;

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      description =
          "Leave a block (\"block 3\") or what shortens a weight (\"*.mlp.*\", /regex/) as it is;"
              + " repeatable.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--min-heads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Heads every layer keeps at least.")
  private int minHeads = 1;

  @Option(
      names = "--min-width",
      paramLabel = "N",
      defaultValue = "1",
      description = "Columns every head keeps at least.")
  private int minWidth = 1;

  @Option(
      names = "--min-neurons",
      paramLabel = "N",
      defaultValue = "1",
      description = "Neurons every layer keeps at least.")
  private int minNeurons = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the random method and the random inputs (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--plan-out",
      paramLabel = "PLAN",
      description = "Write what was chosen as JSON, for gohsp apply.")
  private @Nullable Path planOut;

  @Mixin private ReportFile report = new ReportFile();

  @Option(names = "--no-verify", description = "Write without comparing.")
  private boolean unverified;

  @Mixin private VerificationOptions verification = new VerificationOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    try (Phases phases = new Phases(console, spec.commandLine().getErr())) {
      Writing writing = new Writing(spec, console, unverified ? null : verification.settings(seed));
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      Path target = output.checked(model);
      if (planOut != null) {
        OutputFile.requireFree("--plan-out", planOut, file, target);
      }
      report.requireFree(model, target, planOut);
      PrunedModel pruned = configured(Pruner.of(model).progress(phases)).prune();
      noteShares(pruned.plan());
      int code =
          writing.write(
              pruned,
              target,
              phases,
              verdict -> report.write(spec, file, target, seed, pruned, verdict));
      if (code == ExitCodes.DONE && planOut != null) {
        Path planFile = planOut;
        OutputFile.write(
            planFile,
            () -> {
              PlanJson.write(pruned.plan(), planFile);
              return planFile;
            });
      }
      return code;
    }
  }

  private void noteShares(PruningPlan plan) {
    Notes notes = new Notes(console, spec.commandLine().getErr());
    notes.onShare("--heads", heads, plan, BlockPlan::heads);
    notes.onShare("--neurons", neurons, plan, BlockPlan::neurons);
    notes.onShare("--qk", qk, plan, BlockPlan::qkWidth);
    notes.onShare("--v", v, plan, BlockPlan::vWidth);
  }

  private Pruner configured(Pruner pruner) {
    pruner
        .method(Methods.named(method))
        .allocation(allocation())
        .floors(new Floors(minHeads, minWidth, minNeurons))
        .seed(seed)
        .command(CommandText.of(spec));
    if (align != null) {
      pruner.align(align);
    }
    if (budget != null && budget.latency != null) {
      pruner.latency(LatencyTarget.parse("--latency", budget.latency), latencySettings());
    } else if (latencyBatch != null || latencyThreads != null) {
      throw new UsageError(
          "--latency-batch and --latency-threads say how --latency is measured; give that too, or"
              + " leave them out");
    }
    if (budget != null && budget.params != null) {
      pruner.budget(Budget.params(budget.params));
    } else if (budget != null && budget.macs != null) {
      pruner.budget(Budget.macs(budget.macs));
    }
    if (heads != null) {
      pruner.heads(Share.parse("--heads", heads));
    }
    if (neurons != null) {
      pruner.neurons(Share.parse("--neurons", neurons));
    }
    if (qk != null) {
      pruner.qk(Share.parse("--qk", qk));
    }
    if (v != null) {
      pruner.v(Share.parse("--v", v));
    }
    exclude.forEach(pruner::exclude);
    return pruner;
  }

  private LatencySettings latencySettings() {
    if (latencyBatch != null && latencyBatch < 1) {
      throw new UsageError(
          "--latency-batch " + latencyBatch + " is no number of samples; give 1 or more");
    }
    if (latencyThreads != null && latencyThreads < 1) {
      throw new UsageError(
          "--latency-threads " + latencyThreads + " is no number of threads; give 1 or more");
    }
    Verification where = verification.settings(seed);
    return new LatencySettings(
        latencyBatch == null ? 0 : latencyBatch,
        where.device(),
        latencyThreads == null ? where.threads() : latencyThreads,
        where.sizes(),
        LatencySettings.Effort.STANDARD);
  }

  private Allocation allocation() {
    return switch (allocation.toLowerCase(Locale.ROOT)) {
      case "uniform" -> Allocation.UNIFORM;
      case "global" -> Allocation.GLOBAL;
      default ->
          throw new InvalidOption(
              "--allocation \"" + allocation + "\" is unknown; choose uniform or global");
    };
  }
}
