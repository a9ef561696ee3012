package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.ModelData;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ort.OrtOptions;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import io.gohsp.ranking.HeadPicture;
import io.gohsp.ranking.HeadRankings;
import io.gohsp.ranking.HeadStudy;
import io.gohsp.ranking.RankSettings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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
  private int batch = Calibration.BATCH;

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
    if (!execution.sizes().isEmpty()) {
      throw new UsageError("--size has no effect: the data decide about sizes; leave it out");
    }
    RankSettings settings = settings();
    OrtOptions ort =
        OrtOptions.DEFAULT.withDevice(execution.device()).withThreads(execution.threads());
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      files.requireFree(model, data.files());
      try (ModelData opened = data.open(model)) {
        DataOptions.tell(phases, opened);
        new Notes(console, Printed.err(spec)).onMask(model, data.mask());
        phases.accept("analysing");
        HeadStudy study = new HeadStudy(model, opened, samples, seed, settings, ort);
        phases.accept("comparing heads on " + study.samples() + " samples");
        if (shards.isPart()) {
          return shards.print(study.summing(), spec);
        }
        HeadRankings ranked = study.ranked(shards.shards(spec, study.samples()));
        phases.finish();
        RankReport report = new RankReport(file, opened.description(), settings, ranked);
        files.write(
            Json.text(report::write), () -> HeadPicture.svg(report.title(), ranked.blocks()));
        report.print(console, Printed.out(spec));
      }
    }
    return ExitCodes.DONE;
  }

  private RankSettings settings() {
    return new RankSettings(
        heads.similarity(Similarity.ATTENTION),
        rowStep,
        heads.chains(MarkovChain.Options.DEFAULT),
        heads.ranking(HeadRanking.Options.DEFAULT, seed),
        batch);
  }
}
