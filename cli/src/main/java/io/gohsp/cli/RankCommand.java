package io.gohsp.cli;

import io.gohsp.calibration.CalibrationSize;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.InvalidOption;
import io.gohsp.rank.HeadGraph;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import io.gohsp.ranking.HeadPicture;
import io.gohsp.ranking.HeadRanker;
import io.gohsp.ranking.HeadSimilarities;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.selection.Importance;
import io.gohsp.selection.MagnitudeImportance;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Ranks the heads of each block on a graph. */
@Command(
    name = "rank",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ranks the heads of each block: how similar they are on calibration data (S), the Markov"
          + " chain on that graph (P), its stationary distribution (pi), and the order that follows.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp rank model.onnx --data images/",
      "  gohsp rank model.onnx --data images/ --picture heads.svg"
    })
final class RankCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file;

  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "Samples to compare heads on, from the train part (default: 256, or what there is).")
  private @Nullable Integer samples;

  @Mixin private HeadOptions heads = new HeadOptions();

  @Option(
      names = "--row-step",
      paramLabel = "N",
      description =
          "Compare every Nth query row of attention maps only; 1 for all (default: as many rows as"
              + " cost a tenth to a fifth of running the model).")
  private @Nullable Integer rowStep;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples in a run (default: 4), where the model leaves that open.")
  private int batch = HeadRanker.BATCH;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the choice of samples and the random order (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ShardOptions shards = new ShardOptions();
  @Mixin private DrawnFiles files = new DrawnFiles();
  @Mixin private ExecutionOptions execution = new ExecutionOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    Integer elsewhere = shards.elsewhere(spec);
    if (elsewhere != null) {
      return elsewhere;
    }
    checkOptions();
    HeadRanking.Options options = rankingOptions();
    MarkovChain.Options chains = heads.chains(MarkovChain.Options.DEFAULT);
    Similarity kind = heads.similarity(Similarity.ATTENTION);
    OrtOptions ort =
        OrtOptions.DEFAULT.withDevice(execution.device()).withThreads(execution.threads());
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      files.requireFree(model, data.files());
      try (DataSource source = data.knowing(model).open()) {
        data.tell(phases, source, model);
        new Notes(console, Printed.err(spec)).onMask(model, data.mask());
        phases.accept("analysing");
        WorkingModel working = WorkingModel.normalized(model);
        HeadGraph graph =
            HeadGraph.of(
                model, kind, rowStep == null ? HeadGraph.AFFORDABLE_ROWS : rowStep, data.mask());
        Splits splits =
            Splits.of(source, CalibrationSize.of(source, samples, CalibrationSize.RANKING), seed);
        phases.accept("comparing heads on " + splits.calibration().size() + " samples");
        Function<Map<String, ValueType>, Samples> calibration =
            inputs -> data.samples(splits.calibration(), inputs, Augmentation.NONE);
        if (shards.isPart()) {
          return shards.print(
              HeadRanker.summing(graph, calibration, batch, ort), Printed.out(spec));
        }
        HeadSimilarities similarities =
            HeadRanker.measure(graph, calibration, batch, ort, shards.shards(spec));
        Importance scores = options.by().needsScores() ? MagnitudeImportance.of(working) : null;
        List<RankedBlock> blocks = RankedBlock.of(working, similarities, chains, options, scores);
        phases.finish();
        RankReport report =
            new RankReport(
                file, source.description(), similarities.samples(), kind, chains, options, blocks);
        files.write(
            Json.text(report::write), () -> HeadPicture.svg(report.title(), report.blocks()));
        report.print(console, Printed.out(spec));
      }
    }
    return ExitCodes.DONE;
  }

  private void checkOptions() {
    if (samples != null && samples < 1) {
      throw new UsageError("--samples " + samples + " compares nothing; give 1 or more");
    }
    if (batch < 1) {
      throw new UsageError("--batch " + batch + " is no number of samples; give 1 or more");
    }
    if (rowStep != null && rowStep < 1) {
      throw new UsageError("--row-step " + rowStep + " skips no rows; give 1 or more");
    }
    if (!execution.sizes().isEmpty()) {
      throw new UsageError("--size has no effect: the data decide about sizes; leave it out");
    }
  }

  private HeadRanking.Options rankingOptions() {
    HeadRanking.Options options = heads.ranking(HeadRanking.Options.DEFAULT, seed);
    if (options.by() == HeadOrder.TAYLOR) {
      throw new InvalidOption(
          "--ranking taylor needs gradients, which rank does not compute; choose graph, mmr,"
              + " magnitude or random");
    }
    return options;
  }
}
