package io.gohsp;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.CalibrationSize;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Datasets;
import io.gohsp.data.Images;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Preprocessing;
import io.gohsp.data.RecordedPreprocessing;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.OrtEngine;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.method.TrainedMethod;
import io.gohsp.ort.OrtOptions;
import io.gohsp.phase.Material;
import io.gohsp.phase.RunListener;
import io.gohsp.phase.Work;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.pipeline.PruningPipeline;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.pipeline.PruningSettings;
import io.gohsp.plan.InvalidOption;
import io.gohsp.ranking.HeadRanker;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.selection.LossTable;
import io.gohsp.study.Goal;
import io.gohsp.study.Study;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.train.Supervision;
import io.gohsp.train.TrainingListener;
import io.gohsp.work.Fingerprint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a model smaller with the help of samples, as {@code gohsp prune --data} does: choose what
 * stays, cut, verify, correct in closed form, fine-tune.
 *
 * <pre>{@code
 * Pruner.read(Path.of("model.onnx")).keepParams(0.3).data("pictures/").epochs(1).prune()
 *     .write(Path.of("small.onnx"));
 * }</pre>
 *
 * <p>What was not said has the program's default ({@link PruningDefaults}), so that both write the
 * same weights. Data are opened for each call that reads them, and closed at its end.
 */
public final class DataPruner {
  private final Model original;
  private final Goal goal;
  private final String data;
  private final long seed;
  private final @Nullable String command;
  private final Consumer<String> progress;

  private TrainedMethod method = PruningDefaults.METHOD;
  private @Nullable Path config;
  private @Nullable String mask;
  private @Nullable Integer calibration;
  private @Nullable Integer softEpochs;
  private @Nullable Integer epochs;
  private @Nullable Recipe recipe;
  private boolean rotated = true;
  private @Nullable RecoverySettings recovery = RecoverySettings.STANDARD;
  private Verification verification;
  private @Nullable Path work;

  /**
   * @param goal how much stays
   */
  DataPruner(
      Model original,
      Goal goal,
      String data,
      long seed,
      @Nullable String command,
      Consumer<String> progress) {
    this.original = original;
    this.goal = goal;
    this.data = data;
    this.seed = seed;
    this.command = command;
    this.progress = progress;
    Verification standard = Verification.STANDARD;
    this.verification =
        new Verification(
            standard.samples(), seed, standard.sizes(), standard.device(), standard.threads());
  }

  /** How to choose what stays; see {@link io.gohsp.method.Methods#trained}. */
  public DataPruner method(TrainedMethod newMethod) {
    method = newMethod;
    return this;
  }

  /**
   * A file that says how pictures are prepared, such as {@code preprocessor_config.json}; otherwise
   * the model's metadata do, or its input.
   */
  public DataPruner config(Path file) {
    config = file;
    return this;
  }

  /** The input that is not 0 where a token counts, [samples, tokens]; otherwise it is found. */
  public DataPruner mask(String input) {
    mask = input;
    return this;
  }

  /** On how many training samples is measured and corrected; 512 or what there is otherwise. */
  public DataPruner calibration(int samples) {
    if (samples < 1) {
      throw new InvalidOption(
          "a calibration on " + samples + " samples compares nothing; give 1 or more");
    }
    calibration = samples;
    return this;
  }

  /** Passes over the data before the cut; 0 for none. */
  public DataPruner softEpochs(int passes) {
    softEpochs = notNegative(passes);
    return this;
  }

  /** Passes over the data after the cut; 0 for none. */
  public DataPruner epochs(int passes) {
    epochs = notNegative(passes);
    return this;
  }

  private static int notNegative(int passes) {
    if (passes < 0) {
      throw new InvalidOption(passes + " passes over the data make no sense; give 0 or more");
    }
    return passes;
  }

  /** How is trained; its epochs and seed do not count. */
  public DataPruner recipe(Recipe how) {
    recipe = how;
    return this;
  }

  /** Cuts columns of heads as the exporter has them, in no basis of their own. */
  public DataPruner unrotated() {
    rotated = false;
    return this;
  }

  /** Leaves out the correction in closed form. */
  public DataPruner unrecovered() {
    recovery = null;
    return this;
  }

  /** How the cut is verified, and on which device and threads everything runs. */
  public DataPruner verification(Verification how) {
    verification = how;
    return this;
  }

  /** Keeps checkpoints in a directory; the same calls again go on from there. */
  public DataPruner in(Path directory) {
    work = directory;
    return this;
  }

  /**
   * Prunes.
   *
   * @return the model, how well it does, and how it came about
   * @throws InvalidOption if what was said makes no sense, or says not how much to keep
   * @throws NotEquivalent if the cut does not compute what the original does without what goes
   * @throws io.gohsp.ir.ModelException.NothingToPrune if not as much can go as was asked for
   * @throws io.gohsp.data.DataException if the data cannot be used
   */
  public PruningResult prune() {
    try (DataSource source = open()) {
      Splits splits = splits(source);
      PruningSettings settings = settings(source, splits.train().size());
      PruningPipeline pipeline =
          new PruningPipeline(
                  new Material(
                      original,
                      splits,
                      preparation(),
                      calibration(splits),
                      new OrtEngine(options())),
                  settings)
              .telling(RunListener.of(progress, TrainingListener.NONE));
      if (work != null) {
        pipeline.in(new Work(work, identity(source, settings)));
      }
      PruningResult result = pipeline.run();
      if (source.train() instanceof Images) {
        result
            .model()
            .metadata()
            .put(
                RecordedPreprocessing.KEY,
                RecordedPreprocessing.write(preprocessing(ModelInputs.of(original))));
      }
      return result;
    }
  }

  /**
   * For every block and kind of group what it costs the loss to keep only some of it, as {@code
   * gohsp sensitivity} tells.
   *
   * @throws io.gohsp.ir.ModelException.NothingToPrune if there is none of which anything can go
   * @throws io.gohsp.data.DataException if the data cannot be used
   */
  public List<LossTable> tables() {
    try (DataSource source = open()) {
      Splits splits = splits(source);
      boolean labelled = splits.train().isLabelled();
      return Study.of(original, rotated, calibration(splits), labelled, progress).tables();
    }
  }

  private DataSource open() {
    DataSource source = Datasets.open(data);
    try {
      DataSource read = source.forInputs(ModelInputs.of(original));
      Value logits = read.hasClassFolders() ? Objective.logits(original) : null;
      return logits == null ? read : read.forOutputs(Objective.classes(original, logits));
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private Splits splits(DataSource source) {
    int samples = CalibrationSize.of(source, calibration, CalibrationSize.PRUNING);
    return Splits.calibrating(source, samples, seed);
  }

  private PruningSettings settings(DataSource source, int samples) {
    Value logits = Objective.logits(original);
    if (logits != null) {
      source.requireClasses(Objective.classes(original, logits));
    }
    int batch = Objective.builtInBatch(original).orElse(Recipe.STANDARD.batch());
    Recipe base = recipe == null ? PruningDefaults.TRAINING.withBatch(batch) : recipe;
    int before = softEpochs == null ? PruningDefaults.softEpochs(method) : softEpochs;
    int after = epochs == null ? PruningDefaults.tuneEpochs(before) : epochs;
    Recipe soft = method.isGradual() ? passes(base, before) : null;
    Recipe tune = passes(base, after);
    boolean brief = PruningDefaults.isBrief(seen(soft, samples) + seen(tune, samples), samples);
    return new PruningSettings(
        method,
        goal,
        rotated,
        recovery,
        new PruningSettings.Training(
            soft,
            tune,
            brief && recipe == null,
            Supervision.by(PruningDefaults.distillation(brief))),
        verification,
        new PruningSettings.Origin(command, seed, described(source)));
  }

  private @Nullable Recipe passes(Recipe base, int passes) {
    return passes == 0 ? null : base.withEpochs(passes).withSeed(seed);
  }

  /** Samples that are trained on, each as often as that happens. */
  private static long seen(@Nullable Recipe how, int samples) {
    return how == null ? 0 : how.seen(samples);
  }

  private Calibration calibration(Splits splits) {
    return new Calibration(
            inputs -> preparation().samples(splits.calibration(), inputs, Augmentation.NONE),
            HeadRanker.BATCH,
            options(),
            seed)
        .withMask(mask);
  }

  private OrtOptions options() {
    return OrtOptions.DEFAULT
        .withDevice(verification.device())
        .withThreads(verification.threads())
        .withDims(verification.sizes())
        .withDeterministic(true);
  }

  private Preparation preparation() {
    return (dataset, inputs, augmentation) ->
        dataset instanceof Images images
            ? Samples.of(images, preprocessing(inputs), augmentation)
            : Samples.of(dataset, inputs, null, augmentation);
  }

  private Preprocessing preprocessing(Map<String, ? extends ValueType> inputs) {
    String recorded = original.metadata().get(RecordedPreprocessing.KEY);
    return config != null
        ? Preprocessing.fromConfig(config, inputs)
        : recorded != null
            ? RecordedPreprocessing.read(recorded, inputs)
            : Preprocessing.forInput(inputs, null);
  }

  private String described(DataSource source) {
    return source.train() instanceof Images
        ? source.description() + "; " + preprocessing(ModelInputs.of(original)).description()
        : source.description();
  }

  /** Everything that has a part in the result. */
  private String identity(DataSource source, PruningSettings settings) {
    return "library %s; model %s; data %s, %s; %s; calibration %s, mask %s; %s; seed %d"
        .formatted(
            Provenance.version(),
            Fingerprint.of(original),
            source.identity(),
            source.train() instanceof Images
                ? preprocessing(ModelInputs.of(original))
                : "as they are",
            settings.terms(),
            calibration,
            mask,
            verification,
            seed);
  }
}
