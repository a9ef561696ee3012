package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.io.AtomicFile;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.pipeline.PruningSettings;
import io.gohsp.report.HtmlReport;
import io.gohsp.report.PruningReport;
import io.gohsp.report.Run;
import io.gohsp.verify.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where the report for people goes, if one is wanted. */
final class ReportFile {
  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write what was done and what came of it as one HTML page.")
  private @Nullable Path path;

  boolean isWanted() {
    return path != null;
  }

  /**
   * Makes sure that a report can be written, as far as can be told before.
   *
   * @param model whose files are not to be replaced
   * @param taken the command's other files
   * @throws UsageError if not
   */
  void requireFree(Model model, List<? extends @Nullable Path> taken) {
    if (path != null) {
      OutputFile.requireFree("--report", path, OnnxReader.files(model));
      OutputFile.requireFree("--report", path, taken);
    }
  }

  /**
   * Likewise, of several models.
   *
   * @param models which are not to be replaced
   */
  void requireFree(List<Path> models, List<Path> taken) {
    if (path != null) {
      OutputFile.requireFree("--report", path, models);
      OutputFile.requireFree("--report", path, taken);
    }
  }

  /** Writes the report of a run without data. */
  void write(
      CommandSpec spec,
      Path original,
      Path output,
      long seed,
      PrunedModel pruned,
      @Nullable Verdict verdict) {
    Run run =
        Run.of(
            String.valueOf(original.getFileName()),
            output.toString(),
            CommandText.of(spec),
            seed,
            null);
    write(PruningReport.of(pruned, verdict, run));
  }

  /**
   * Writes the report of a run with data.
   *
   * @param latency null if none was measured
   */
  void write(Path original, Path output, PruningResult result, @Nullable MeasuredLatency latency) {
    PruningSettings.Origin origin = result.origin();
    Run run =
        Run.of(
            String.valueOf(original.getFileName()),
            output.toString(),
            origin.command(),
            origin.seed(),
            origin.data());
    write(PruningReport.of(result, run).timed(latency));
  }

  /** Writes a report, if one is wanted. */
  void write(PruningReport report) {
    write(() -> HtmlReport.html(report));
  }

  /** Writes a page, if one is wanted. */
  void write(Supplier<String> html) {
    if (path != null) {
      Path file = path;
      byte[] bytes = html.get().getBytes(StandardCharsets.UTF_8);
      OutputFile.write(
          file,
          () -> {
            AtomicFile.write(file, out -> out.write(bytes));
            return file;
          });
    }
  }
}
