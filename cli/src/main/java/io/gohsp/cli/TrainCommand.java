package io.gohsp.cli;

import io.gohsp.autodiff.TiedParameters;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.Provenance;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.linear.TokenMask;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.train.Replica;
import io.gohsp.train.Teacher;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.Trainer;
import io.gohsp.train.TrainingResult;
import io.gohsp.work.Fingerprint;
import io.gohsp.workers.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
  /** What is for the process that updates weights, and not for those that compute gradients. */
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
    Augmentation augmentation = recipes.augmentation();
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
      data.knowing(dense == null ? new Model[] {model} : new Model[] {model, dense});
      try (DataSource source = data.open()) {
        new Notes(console, Printed.err(spec)).onMask(dense == null ? model : dense, data.mask());
        Splits splits = Splits.of(source, 0, recipe.seed());
        Map<String, ValueType> inputs = ModelInputs.of(model);
        Samples samples = data.samples(splits.train(), inputs, augmentation);
        Samples held = data.samples(splits.validation(), inputs, Augmentation.NONE);
        phases.accept("differentiating");
        try (@Nullable Teacher taught = teacher(dense, model, engine);
            TrainableModel trainable =
                TrainableModel.of(model, objective(model, source, samples, taught), engine)) {
          phases.finish();
          TrainingProgress progress =
              new TrainingProgress(console, Printed.err(spec), data.description(source, model));
          Trainer trainer =
              Trainer.of(trainable, samples, recipe)
                  .validating(held)
                  .countingStart()
                  .telling(progress);
          if (work != null) {
            trainer.in(work, checkpointSteps, identity(model, dense, source, inputs, recipe));
          }
          Workers workers = Main.cluster(spec);
          if (workers != null) {
            new Notes(console, Printed.err(spec)).onIdle(recipe.accumulate(), workers.slots());
            trainer.on(GradientTask.on(workers, arguments()));
          }
          TrainingResult result;
          try (progress) {
            result = trainer.train();
          }
          phases.accept("writing");
          Provenance.addTraining(model, result.steps());
          data.record(source.train(), model);
          OutputFile.write(
              target,
              () -> {
                OnnxWriter.write(model, target);
                return target;
              });
          phases.finish();
          new TrainingSummary(target, result, trainable.store().size(), TiedParameters.of(model))
              .print(console, Printed.out(spec));
        }
      }
    }
    return ExitCodes.DONE;
  }

  private Recipe recipe() {
    return recipes
        .recipe(Recipe.STANDARD.withEpochs(epochs), seed)
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
    Recipe recipe = recipe();
    Engine engine = engines.engine(execution);
    Model model = OnnxReader.read(file);
    Model dense = teacher == null ? null : OnnxReader.read(teacher);
    data.knowing(dense == null ? new Model[] {model} : new Model[] {model, dense});
    DataSource source = data.open();
    Splits splits = Splits.of(source, 0, recipe.seed());
    Samples samples = data.samples(splits.train(), ModelInputs.of(model), recipes.augmentation());
    Objective objective = objective(model, source, samples, teacher(dense, model, engine));
    return new Replica(TrainableModel.of(model, objective, engine), samples, recipe);
  }

  private @Nullable Teacher teacher(@Nullable Model dense, Model student, Engine engine) {
    return dense == null
        ? null
        : Teacher.of(
            dense, student, Objective.taught(student), engine, TokenMask.of(dense, data.mask()));
  }

  private Objective objective(
      Model model, DataSource source, Samples samples, @Nullable Teacher dense) {
    Objective objective =
        Objective.of(
            model,
            source.isLabelled(),
            samples.mixup() > 0,
            recipes.smoothing(),
            dense,
            distillation.distillation(Objective.Distillation.STANDARD));
    if (objective.classes() > 0) {
      source.requireClasses(objective.classes());
    }
    return objective;
  }

  private String masked() {
    return data.mask() == null ? "" : ", mask " + data.mask();
  }

  /** Everything that has a part in the result. */
  private String identity(
      Model model,
      @Nullable Model dense,
      DataSource source,
      Map<String, ValueType> inputs,
      Recipe recipe) {
    return "gohsp %s; model %s; data %s, %s; %s %s; teacher %s %s; engine %s"
        .formatted(
            Provenance.version(),
            Fingerprint.of(model),
            source.identity(),
            data.preparation(source.train(), inputs),
            recipe.withStopAfter(recipe.epochs()), // where it stops need not stay the same
            recipes,
            (dense == null ? "none" : Fingerprint.of(dense)) + masked(),
            distillation.distillation(Objective.Distillation.STANDARD),
            engines.identity(execution));
  }
}
