package io.gohsp.cli;

import io.gohsp.autodiff.TiedParameters;
import io.gohsp.data.ModelData;
import io.gohsp.engine.Engine;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.pipeline.TrainedModel;
import io.gohsp.pipeline.TrainingRun;
import io.gohsp.train.Recipe;
import io.gohsp.train.Replica;
import io.gohsp.train.Teaching;
import io.gohsp.workers.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Trains a model, from scratch or further. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a model on labels, towards a teacher, or both.",
      "Without labels the teacher's outputs are what it learns.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp train vit.onnx -o trained.onnx --data cifar-10/ --work run/",
      "  gohsp train pruned.onnx -o tuned.onnx --data images/ --teacher vit.onnx"
    })
final class TrainCommand implements Callable<Integer> {
  /** What is for the process that updates weights, and not for those with a replica. */
  private static final Set<String> OWN =
      Set.of("--work", "--checkpoint-steps", "--json", "--quiet", "--verbose");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The ONNX file.")
  private Path file;

  @Mixin private OutputFile output = new OutputFile();
  @Mixin private DataOptions data = new DataOptions();

  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the data (default: 10).")
  private int epochs = Recipe.STANDARD.epochs();

  @Option(
      names = "--stop-after",
      paramLabel = "N",
      description = "End after so many epochs of a longer schedule (default: all).")
  private @Nullable Integer stopAfter;

  @Mixin private RecipeOptions recipes = new RecipeOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of splits, order and augmentation (default: 0).")
  private long seed;

  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      description = "A model whose outputs are learnt, beside the labels or instead of them.")
  private @Nullable Path teacher;

  @Mixin private DistillationOptions distillation = new DistillationOptions();

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Keep checkpoints and a log there; the same command again continues the run.")
  private @Nullable Path work;

  @Option(
      names = "--checkpoint-steps",
      paramLabel = "N",
      description = "Updates between two checkpoints (default: one a minute and after each epoch).")
  private int checkpointSteps;

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private EngineOptions engines = new EngineOptions();
  @Mixin private ExecutionOptions execution = new ExecutionOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    Integer elsewhere = cluster.elsewhere(spec);
    if (elsewhere != null) {
      return elsewhere;
    }
    Recipe recipe = recipe();
    Engine engine = engines.engine(execution);
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      Path target = output.checked(model);
      OutputFile.requireFree("--output", target, data.files());
      OutputFile.requireFree("--output", target, Collections.singletonList(work));
      OutputFile.requireOwn("--work", work, data.files());
      Model dense = teacher == null ? null : OnnxReader.read(teacher);
      if (dense != null) {
        OutputFile.requireFree("--output", target, OnnxReader.files(dense));
      }
      try (ModelData opened = open(model, dense)) {
        new Notes(console, Printed.err(spec)).onMask(dense == null ? model : dense, data.mask());
        TrainingRun run =
            new TrainingRun(model, dense, opened, recipe, teaching(), engine)
                .in(work, checkpointSteps);
        Workers workers = Main.cluster(spec);
        if (workers != null) {
          new Notes(console, Printed.err(spec)).onIdle(recipe.accumulate(), workers.processes());
          run.on(new ClusterReplicas(workers, arguments()));
        }
        phases.accept("differentiating");
        TrainedModel trained;
        try (TrainingProgress progress =
            new TrainingProgress(
                console, Printed.err(spec), opened.description(), phases::finish)) {
          trained = run.run(progress);
        }
        data.skippedElsewhere(trained.training().corrupt());
        phases.accept("writing");
        OutputFile.write(
            target,
            () -> {
              trained.write(target);
              return target;
            });
        phases.finish();
        new TrainingSummary(target, trained, TiedParameters.of(model))
            .print(console, Printed.out(spec));
      }
    }
    return ExitCodes.DONE;
  }

  private Recipe recipe() {
    return recipes
        .recipe(Recipe.STANDARD.withEpochs(epochs).withSeed(seed))
        .withStopAfter(stopAfter == null ? epochs : stopAfter);
  }

  /** This command for a process that only computes gradients. */
  private List<String> arguments() {
    ParseResult given = spec.commandLine().getParseResult();
    List<String> arguments = new ArrayList<>();
    arguments.add(spec.name());
    arguments.addAll(GivenOptions.files(given));
    arguments.addAll(GivenOptions.of(given, OWN, /* anywhere= */ true));
    return arguments;
  }

  /**
   * The model as this command trains it, for a process that only computes gradients; lives as long
   * as the process.
   */
  @SuppressWarnings("MustBeClosed") // ends with the process
  Replica replica() {
    Model model = OnnxReader.read(file);
    Model dense = teacher == null ? null : OnnxReader.read(teacher);
    return new TrainingRun(
            model, dense, open(model, dense), recipe(), teaching(), engines.engine(execution))
        .replica();
  }

  private ModelData open(Model model, @Nullable Model dense) {
    return dense == null ? data.open(model) : data.open(model, dense);
  }

  private Teaching teaching() {
    return distillation.teaching(/* taught= */ true, recipes);
  }
}
