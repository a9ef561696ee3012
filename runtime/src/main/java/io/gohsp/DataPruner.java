package io.gohsp;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.CalibrationSize;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSpec;
import io.gohsp.data.ModelData;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.engine.OrtEngine;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.method.GivenPlan;
import io.gohsp.method.OneShot;
import io.gohsp.method.TrainedMethod;
import io.gohsp.ort.OrtOptions;
import io.gohsp.phase.RunListener;
import io.gohsp.pipeline.DataRun;
import io.gohsp.pipeline.DataUse;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.pipeline.TradeOff;
import io.gohsp.pipeline.TrainedModel;
import io.gohsp.pipeline.TrainingRun;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.HeadRankings;
import io.gohsp.ranking.HeadStudy;
import io.gohsp.ranking.RankSettings;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.selection.Budget;
import io.gohsp.selection.LossTable;
import io.gohsp.study.Goal;
import io.gohsp.study.Study;
import io.gohsp.train.Agreement;
import io.gohsp.train.Recipe;
import io.gohsp.train.Teaching;
import io.gohsp.workers.Shards;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model and samples: prunes it with their help, ranks its heads, tells what anything costs,
 * trains it. Each is what the command of that name does; a model that is written differs from that
 * of the command in the metadata entry {@code gohsp.command} alone, which only that has.
 *
 * <pre>{@code
 * Pruner.read(Path.of("model.onnx")).keepParams(0.3).data("pictures/").epochs(1).prune()
 *     .write(Path.of("small.onnx"));
 * }</pre>
 *
 * <p>What was not said has the program's default ({@link PruningDefaults}). Data are opened for
 * each call that reads them, and closed at its end; all of them throw {@link
 * io.gohsp.data.DataException} if the data cannot be used.
 */
public final class DataPruner {
  private final Model original;
  private final Goal goal;
  private final DataSpec data;
  private final long seed;
  private final @Nullable String command;

  private TrainedMethod method = PruningDefaults.METHOD;
  private @Nullable Integer calibration;
  private @Nullable Integer softEpochs;
  private @Nullable Integer epochs;
  private @Nullable Recipe recipe;
  private Teaching teaching = Teaching.STANDARD;
  private boolean rotated = true;
  private @Nullable RecoverySettings recovery = RecoverySettings.STANDARD;
  private Verification verification = Verification.STANDARD;
  private @Nullable Path work;
  private RunListener listener;

  /**
   * @param goal how much stays
   */
  DataPruner(
      Model original,
      Goal goal,
      DataSpec data,
      long seed,
      @Nullable String command,
      RunListener listener) {
    this.original = original;
    this.goal = goal;
    this.data = data;
    this.seed = seed;
    this.command = command;
    this.listener = listener;
  }

  /** How to choose what stays; see {@link io.gohsp.method.Methods#trained}. */
  public DataPruner method(TrainedMethod newMethod) {
    method = newMethod;
    return this;
  }

  /** On how many training samples is measured and corrected; 512 or what there is otherwise. */
  public DataPruner calibration(int samples) {
    calibration = samples;
    return this;
  }

  /** Passes over the data before the cut; 0 for none. */
  public DataPruner softEpochs(int passes) {
    softEpochs = passes;
    return this;
  }

  /** Passes over the data after the cut, or of {@link #train}; 0 for none. */
  public DataPruner epochs(int passes) {
    epochs = passes;
    return this;
  }

  /** How is trained; its epochs and seed do not count. */
  public DataPruner recipe(Recipe how) {
    recipe = how;
    return this;
  }

  /** What is trained towards: labels, the original, both; on which forms of the samples. */
  public DataPruner teaching(Teaching towards) {
    teaching = towards;
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

  /**
   * How the cut is verified, and on which device and threads everything runs. Its seed does not
   * count.
   */
  public DataPruner verification(Verification how) {
    verification = how;
    return this;
  }

  /** Keeps checkpoints in a directory; the same calls again go on from there. */
  public DataPruner in(Path directory) {
    work = directory;
    return this;
  }

  /** Is told how it goes. */
  public DataPruner telling(RunListener newListener) {
    listener = newListener;
    return this;
  }

  /**
   * Prunes: chooses what stays, cuts, verifies, corrects in closed form, fine-tunes.
   *
   * @return the model, how well it does, and how it came about
   * @throws InvalidOption if what was said makes no sense, or says not how much to keep
   * @throws NotEquivalent if the cut does not compute what the original does without what goes
   * @throws ModelException.NothingToPrune if not as much can go as was asked for
   */
  public PruningResult prune() {
    return pruned(method, goal);
  }

  /**
   * Cuts what a plan says, corrects and fine-tunes; goal and method do not count.
   *
   * @throws InvalidOption if what was said makes no sense, or the plan removes nothing
   * @throws ModelException.BadPlan if the plan does not fit the model
   * @throws NotEquivalent if the cut does not compute what the original does without what goes
   */
  public PruningResult apply(PruningPlan plan) {
    if (plan.isEmpty()) {
      throw new InvalidOption("--epochs: the plan removes nothing; train the model (gohsp train)");
    }
    return pruned(new OneShot(new GivenPlan(plan), seed), Goal.NONE);
  }

  private PruningResult pruned(TrainedMethod chooser, Goal wanted) {
    DataUse use =
        new DataUse(
            chooser,
            calibration,
            rotated,
            recovery,
            softEpochs,
            epochs,
            new DataUse.Training(this::orGiven, recipe != null, teaching));
    try (ModelData opened = data.open(original)) {
      return new DataRun(
              original, opened, use, wanted, engine(), verification.withSeed(seed), command)
          .run(work, listener);
    }
  }

  /**
   * For every block and kind of group what it costs the loss to keep only some of it, as {@code
   * gohsp sensitivity} tells.
   *
   * @throws ModelException.NothingToPrune if there is none of which anything can go
   * @throws io.gohsp.data.DataException if there are labels that the model has no score for
   */
  public List<LossTable> tables() {
    try (ModelData opened = data.open(original).requireClasses()) {
      Splits splits = splits(opened);
      return Study.of(
              original,
              rotated,
              calibration(opened, splits),
              splits.train().isLabelled(),
              listener::doing)
          .tables();
    }
  }

  /** {@link #rank(RankSettings)} by {@link RankSettings#STANDARD}. */
  public HeadRankings rank() {
    return rank(RankSettings.STANDARD);
  }

  /**
   * The heads of each block, ranked on a graph of their similarity.
   *
   * @throws InvalidOption if what was said does not fit the model
   * @throws ModelException.NothingToPrune if no block has more than one head
   * @throws ModelException.Unsupported if the heads of a block cannot be compared
   */
  public HeadRankings rank(RankSettings settings) {
    OrtOptions options =
        OrtOptions.DEFAULT.withDevice(verification.device()).withThreads(verification.threads());
    try (ModelData opened = data.open(original)) {
      return new HeadStudy(original, opened, calibration, seed, settings, options)
          .ranked(Shards.HERE);
    }
  }

  /** {@link #tradeOff(List)} at ten sizes, the original among them. */
  public TradeOff.Result tradeOff() {
    return tradeOff(TradeOff.budgets(TradeOff.POINTS, true));
  }

  /**
   * How well the model does at many sizes, each cut and corrected, and not trained.
   *
   * @param budgets in place of the goal's
   * @throws InvalidOption if the method takes no budget
   * @throws NotEquivalent if a cut does not compute what the original does without what goes
   * @throws ModelException.NothingToPrune if no budget can be reached
   */
  public TradeOff.Result tradeOff(List<Budget> budgets) {
    try (ModelData opened = data.open(original).requireClasses()) {
      Splits splits = splits(opened);
      TradeOff.Settings settings =
          new TradeOff.Settings(
              method,
              budgets.stream().map(goal::within).toList(),
              rotated,
              recovery,
              orGiven(PruningDefaults.training(original)).batch(),
              opened.mask(),
              verification.withSeed(seed));
      return new TradeOff(
              original,
              splits,
              opened,
              settings,
              engine(),
              calibration(opened, splits),
              listener::doing)
          .run();
    }
  }

  /**
   * Trains the model as it is on its labels. The model that was read is changed.
   *
   * @throws InvalidOption if there are no labels, or what was said does not fit model or data
   * @throws ModelException.Unsupported if the model cannot be trained
   * @throws io.gohsp.train.TrainingException if it diverges
   */
  public TrainedModel train() {
    return trained(null);
  }

  /**
   * Trains the model as it is towards another one, and on labels where there are any: what was
   * pruned towards its original. The model that was read is changed.
   *
   * @throws ModelException.Unsupported if the model cannot be trained, or the teacher returns
   *     something else
   * @throws InvalidOption if what was said does not fit model or data
   * @throws io.gohsp.train.TrainingException if it diverges
   */
  public TrainedModel train(Model teacher) {
    return trained(teacher);
  }

  private TrainedModel trained(@Nullable Model teacher) {
    int passes = epochs == null ? Recipe.STANDARD.epochs() : epochs;
    Recipe how = orGiven(Recipe.STANDARD).withEpochs(passes).withSeed(seed);
    try (ModelData opened = teacher == null ? data.open(original) : data.open(original, teacher)) {
      return new TrainingRun(original, teacher, opened, how, teaching, engine())
          .in(work, 0)
          .run(listener.training());
    }
  }

  /**
   * How far another model, such as a pruned one, says the same of the validation part, and how well
   * both do.
   */
  public Agreement agreement(Model other) {
    try (ModelData opened = data.open(other, original).requireClasses()) {
      Samples samples =
          opened.samples(
              Splits.of(opened.source(), 0, seed).validation(),
              ModelInputs.of(original),
              Augmentation.NONE);
      int batch = orGiven(PruningDefaults.training(original)).batch();
      return Agreement.of(original, other, samples, batch, engine(), opened.mask(), Shards.HERE);
    }
  }

  private Splits splits(ModelData opened) {
    return CalibrationSize.splits(opened.source(), calibration, seed);
  }

  private Calibration calibration(ModelData opened, Splits splits) {
    return Calibration.of(opened, splits, verification.device(), verification.threads(), seed);
  }

  private Recipe orGiven(Recipe standard) {
    return recipe == null ? standard : recipe;
  }

  private Engine engine() {
    return new OrtEngine(
        OrtOptions.DEFAULT
            .withDevice(verification.device())
            .withThreads(verification.threads())
            .withDims(verification.sizes())
            .withDeterministic(true));
  }
}
