package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.PruningPipeline;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.report.HtmlReport;
import io.gohsp.report.PruningReport;
import io.gohsp.report.Run;
import io.gohsp.verify.Verdict;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
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

  /**
   * Makes sure that a report can be written, as far as can be told before.
   *
   * @param model whose files are not to be replaced
   * @param taken the command's other files
   * @throws UsageError if not
   */
  void requireFree(Model model, @Nullable Path... taken) {
    if (path != null) {
      Stream<Path> others = Arrays.stream(taken).filter(Objects::nonNull);
      OutputFile.requireFree(
          "--report",
          path,
          Stream.concat(OnnxReader.files(model).stream(), others).toArray(Path[]::new));
    }
  }

  /** Writes the report of a run without data. */
  void write(
      CommandSpec spec, long seed, PrunedModel pruned, Path output, @Nullable Verdict verdict) {
    Run run = Run.of(name(pruned.original()), output.toString(), CommandText.of(spec), seed, null);
    write(PruningReport.of(pruned, verdict, run));
  }

  /** Writes the report of a run with data. */
  void write(PruningPipeline.Result result, Path output) {
    PruningPipeline.Origin origin = result.origin();
    Run run =
        Run.of(
            name(result.original()),
            output.toString(),
            origin.command(),
            origin.seed(),
            origin.data());
    write(PruningReport.of(result, run));
  }

  private static String name(Model original) {
    Path source = original.source();
    return source == null ? "model" : String.valueOf(source.getFileName());
  }

  private void write(PruningReport report) {
    if (path != null) {
      Path file = path;
      OutputFile.write(
          file,
          () -> {
            HtmlReport.write(report, file);
            return file;
          });
    }
  }
}
