package io.gohsp.pipeline;

import io.gohsp.basis.Basis;
import io.gohsp.calibration.Calibration;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.data.Augmentation;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.linalg.OpenBlas;
import io.gohsp.method.Evidence;
import io.gohsp.method.OneShot;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.method.TrainedMethod;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.recover.RecoveredLayer;
import io.gohsp.recover.Recovery;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.Evaluation;
import io.gohsp.train.Evaluator;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.train.Teacher;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.Trainer;
import io.gohsp.train.TrainingListener;
import io.gohsp.train.TrainingResult;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Verdict;
import io.gohsp.work.WorkFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From a model and data to a smaller model that does nearly as well: plan, train softly, cut,
 * verify, fine-tune. With a work directory a run that was interrupted in any phase goes on where it
 * was, to the same result.
 */
public final class PruningPipeline {
  /**
   * What is to be done.
   *
   * @param method decides what stays
   * @param goal how much stays
   * @param rotated whether the columns of heads are written in the best basis before any goes
   * @param soft training before the cut; null for none, and not read if the method has no such
   *     phase
   * @param recovery closed-form correction right after the cut; null for none
   * @param tune training after the cut; null for none
   * @param taught whether the dense model teaches; it must where there are no labels
   * @param distillation how much it counts beside labels
   * @param gentle whether the learning rate after the cut is in proportion to what is to be
   *     repaired
   * @param smoothing of labels
   * @param augmentation of training samples
   * @param verification how the cut is verified
   * @param origin what the result is to say about where it comes from
   */
  public record Settings(
      TrainedMethod method,
      Goal goal,
      boolean rotated,
      @Nullable Recipe soft,
      @Nullable RecoverySettings recovery,
      @Nullable Recipe tune,
      boolean taught,
      Objective.Distillation distillation,
      boolean gentle,
      double smoothing,
      Augmentation augmentation,
      Verification verification,
      Origin origin) {
    /**
     * @throws InvalidOption if nothing says how much is to stay, or an accuracy does while the
     *     method trains before it cuts
     */
    public Settings {
      if (!goal.isStated() && !(method instanceof OneShot)) {
        throw new InvalidOption(
            "nothing says how much to keep; give a budget (--keep-params 0.6, --keep-macs 2.0G), a"
                + " latency (--latency 0.6), a loss of accuracy (--max-drop 1.0) or shares (--heads"
                + " 4, --neurons 75%)");
      }
      if (goal.drop() != null && soft != null && method.isGradual()) {
        throw new InvalidOption(
            "--max-drop weighs what a cut loses at once, and here it is trained for first; leave out"
                + " --soft-epochs, with a method that cuts at once (gohsp, somp, ssp, random)");
      }
    }
  }

  /**
   * Where a result comes from.
   *
   * @param command what made it; null if that was no command
   * @param seed of whatever is random
   * @param data in the user's words
   */
  public record Origin(@Nullable String command, long seed, String data) {}

  /**
   * What a phase of training came to.
   *
   * @param name soft or tune
   * @param remaining by updates made, how small what goes has become; empty after the cut
   */
  public record Phase(String name, TrainingResult training, Map<Long, Remaining> remaining) {}

  /**
   * What closed-form correction did.
   *
   * @param layers one for each layer that adds up over heads or neurons
   * @param evaluation the model after it
   */
  public record Recovered(List<RecoveredLayer> layers, Evaluation evaluation) {
    public Recovered {
      layers = List.copyOf(layers);
    }

    /**
     * What is left to repair: of what the stream varies by behind the last layer that was
     * corrected, the part that is off, both as norms; NaN if none was.
     */
    public double error() {
      return layers.stream()
          .filter(RecoveredLayer::isCorrected)
          .reduce((earlier, last) -> last)
          .map(layer -> Math.sqrt(layer.after()))
          .orElse(Double.NaN);
    }

    /** How many layers have other weights now. */
    public long corrected() {
      return layers.stream().filter(RecoveredLayer::isCorrected).count();
    }
  }

  /**
   * What a run came to.
   *
   * @param model pruned and fine-tuned, with plan and verification in its metadata
   * @param plan what stayed
   * @param cut how the cut compares with the masked model at that moment
   * @param phases in their order
   * @param dense the original on the validation part
   * @param atCut the pruned model right after the cut
   * @param last the result
   * @param before what the original costs
   * @param after what the result costs
   * @param heads the head graphs of all blocks; empty if the method does not look at them
   * @param latency what was measured, if a latency was asked for
   * @param recovered what closed-form correction did after the cut; null if there was none
   * @param origin where it comes from
   */
  public record Result(
      Model original,
      Model model,
      PruningPlan plan,
      Verdict cut,
      List<Phase> phases,
      Evaluation dense,
      Evaluation atCut,
      Evaluation last,
      Cost before,
      Cost after,
      List<RankedBlock> heads,
      @Nullable MeasuredLatency latency,
      @Nullable Recovered recovered,
      Origin origin) {
    /**
     * Writes the model, whole or not at all.
     *
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
      OnnxWriter.write(model, file);
    }

    /** Updates that its weights have gone through, in all phases. */
    public long trained() {
      return phases.stream().mapToLong(phase -> phase.training().updates()).sum();
    }

    /** How it did before fine-tuning: once cut, and corrected if it was. */
    public Evaluation untuned() {
      return recovered == null ? atCut : recovered.evaluation();
    }

    /** Whether there was training after the cut. */
    public boolean isTuned() {
      return phases.stream().anyMatch(phase -> phase.name().equals(TUNE));
    }
  }

  /** What the phase of training before the cut is called. */
  public static final String SOFT = "soft";

  /** What the phase of training after the cut is called. */
  public static final String TUNE = "tune";

  private final Model original;
  private final Splits splits;
  private final Preparation preparation;
  private final Settings settings;
  private final Engine engine;
  private final Calibration calibration;
  private @Nullable Path work;
  private String identity = "";

  /** What must be the same for a phase of training to go on: the run, and what it decided. */
  private String decided = "";

  private Consumer<String> progress = phase -> {};
  private TrainingListener listener = TrainingListener.NONE;
  private BiConsumer<Long, Remaining> shrinking = (step, remaining) -> {};
  private @Nullable Evaluation known;
  private @Nullable Evaluator evaluator;
  private Consumer<Model> cutWatcher = model -> {};
  private Consumer<Evaluation> denseWatcher = evaluation -> {};

  /**
   * A pipeline for one model.
   *
   * @param splits what is trained, validated and calibrated on
   * @param engine what executes training
   * @param calibration makes the calibration part ready
   */
  public PruningPipeline(
      Model original,
      Splits splits,
      Preparation preparation,
      Settings settings,
      Engine engine,
      Calibration calibration) {
    this.original = original;
    this.splits = splits;
    this.preparation = preparation;
    this.settings = settings;
    this.engine = engine;
    this.calibration = calibration;
  }

  /**
   * Keeps checkpoints in a directory, and goes on from what is there.
   *
   * @param runIdentity what must be the same for a run to be continued
   */
  public PruningPipeline in(Path directory, String runIdentity) {
    work = directory;
    identity = runIdentity;
    return this;
  }

  /**
   * Removes the checkpoints of a run that is over and whose result is kept elsewhere. Decision,
   * plan and logs stay.
   *
   * @param directory of the run
   * @throws IOException if one cannot be removed
   */
  public static void removeCheckpoints(Path directory) throws IOException {
    for (String phase : List.of(SOFT, TUNE)) {
      Trainer.removeCheckpoint(directory.resolve(phase));
    }
  }

  /** Tells what is being done. */
  public PruningPipeline telling(Consumer<String> phases, TrainingListener training) {
    progress = phases;
    listener = training;
    return this;
  }

  /** Tells, with the updates made, how small what goes has become. */
  public PruningPipeline watching(BiConsumer<Long, Remaining> watcher) {
    shrinking = watcher;
    return this;
  }

  /** Takes the original's evaluation from an earlier run on the same terms. */
  public PruningPipeline knowing(@Nullable Evaluation dense) {
    known = dense;
    return this;
  }

  /** Shows how well the original does, as soon as that is known. */
  public PruningPipeline showingDense(Consumer<Evaluation> watcher) {
    denseWatcher = watcher;
    return this;
  }

  /**
   * Shows the model as it is right after the cut, verified and not yet corrected or fine-tuned,
   * once in each run; it must not be changed.
   */
  public PruningPipeline showingCut(Consumer<Model> watcher) {
    cutWatcher = watcher;
    return this;
  }

  /**
   * Runs everything.
   *
   * @throws NotEquivalent if the cut model does not compute what the masked one does
   * @throws io.gohsp.data.DataException if there are labels that the model has no score for
   * @throws InvalidOption if the settings do not fit model or data, or the work directory belongs
   *     to another run
   */
  public Result run() {
    Objective.requireBatch(original, batch());
    calibration.requireBatch(original);
    OpenBlas.useThreads(calibration.options().threads());
    Objective.given(original).requireClasses(splits.train());
    Stream.of(settings.method().isGradual() ? settings.soft() : null, settings.tune())
        .filter(Objects::nonNull)
        .forEach(recipe -> recipe.requireUpdates(splits.train().size()));
    if (work != null) {
      DecisionFile.requireDirectory(work);
    }
    try (@Nullable Teacher teacher = teacher()) {
      Decision decision = decision(teacher);
      decided = identity + "; plan " + sha256(decision.plan());
      List<Phase> phases = new ArrayList<>();
      List<@Nullable Basis> bases = decision.plan().bases();
      Model student = Prepared.of(original, decision.plan(), settings.verification());
      PruningPlan plan = decision.plan().inOwnBasis();
      if (settings.soft() != null && settings.method().isGradual()) {
        plan = soften(student, evidence(student), plan, settings.soft(), teacher, phases);
      }
      progress.accept("cutting");
      Model pruned = Pruning.prune(student, plan);
      Verdict verdict = verified(student, plan, pruned);
      Evaluation atCut = evaluate(pruned, teacher);
      cutWatcher.accept(pruned);
      Recovered recovered = recovered(student, plan, pruned, teacher);
      Evaluation last = recovered == null ? atCut : recovered.evaluation();
      if (settings.tune() != null) {
        last = tune(pruned, last, rated(settings.tune(), recovered), teacher, phases);
      }
      Result result =
          new Result(
              original,
              pruned,
              plan.in(bases).narrowing(decision.plan().streams()),
              verdict,
              phases,
              decision.dense(),
              atCut,
              last,
              CostModel.of(original),
              CostModel.of(pruned),
              decision.heads(),
              decision.latency(),
              recovered,
              settings.origin());
      ResultMetadata.write(result, settings.verification());
      return result;
    }
  }

  private static String sha256(PruningPlan plan) {
    return WorkFile.sha256(PlanJson.compact(plan).getBytes(StandardCharsets.UTF_8));
  }

  private Evidence evidence(Model model) {
    return Study.evidence(model, calibration, splits.train().isLabelled(), progress);
  }

  /** What an earlier run in the same directory decided; else decides, and keeps that there. */
  private Decision decision(@Nullable Teacher teacher) {
    DecisionFile file = work == null ? null : new DecisionFile(work, identity, settings.goal());
    Decision earlier = file == null ? null : file.read();
    if (earlier != null) {
      denseWatcher.accept(earlier.dense());
      return earlier;
    }
    Evaluation dense = known == null ? evaluate(original, teacher) : known;
    denseWatcher.accept(dense);
    Study study =
        Study.of(
            original,
            settings.rotated() && settings.goal().isStated(),
            calibration,
            splits.train().isLabelled(),
            progress);
    TrainedMethod.Findings findings = settings.method().study(study.evidence());
    progress.accept("choosing");
    Goal.Reached reached = reached(study, findings.planner(), dense, teacher);
    Decision decision = new Decision(reached.plan(), findings.heads(), reached.latency(), dense);
    if (file != null) {
      file.write(decision);
    }
    return decision;
  }

  private Goal.Reached reached(
      Study study, Planner planner, Evaluation dense, @Nullable Teacher teacher) {
    Goal goal = settings.goal();
    long seed = settings.origin().seed();
    if (goal.drop() == null) {
      return study.reach(goal, planner, seed);
    }
    DropSearch search =
        new DropSearch(
            goal.drop(),
            dense,
            budget -> study.reach(goal.within(budget), planner, seed).plan(),
            plan -> untrained(plan, teacher),
            progress);
    return new Goal.Reached(search.run(), null);
  }

  /** How well a plan does once cut and corrected. */
  private Evaluation untrained(PruningPlan plan, @Nullable Teacher teacher) {
    Model student = Prepared.of(original, plan, settings.verification());
    PruningPlan own = plan.inOwnBasis();
    Model pruned = Pruning.prune(student, own);
    Recovered recovered = recovered(student, own, pruned, teacher);
    return recovered == null ? evaluate(pruned, teacher) : recovered.evaluation();
  }

  private @Nullable Recovered recovered(
      Model student, PruningPlan plan, Model pruned, @Nullable Teacher teacher) {
    if (settings.recovery() == null) {
      return null;
    }
    progress.accept("recovering");
    List<RecoveredLayer> layers =
        Recovery.of(student, plan, calibration, settings.recovery())
            .telling(progress)
            .apply(pruned);
    return new Recovered(layers, evaluate(pruned, teacher));
  }

  private Verdict verified(Model student, PruningPlan plan, Model pruned) {
    progress.accept("verifying the cut");
    List<GivenSamples> given =
        UserSamples.first(student, calibration.samples().apply(ModelInputs.of(student)));
    Verdict verdict =
        settings.verification().compare(student, plan, Verdict.Mode.MASKED, pruned, given);
    if (!verdict.passed()) {
      throw new NotEquivalent(verdict);
    }
    return verdict;
  }

  private @Nullable Teacher teacher() {
    return settings.taught()
        ? Teacher.of(
            original, original, Objective.taught(original), engine, calibration.tokens(original))
        : null;
  }

  private Objective objective(Model model, @Nullable Teacher teacher) {
    return Objective.of(
        model,
        splits.train().isLabelled(),
        settings.augmentation().mixup() > 0,
        settings.smoothing(),
        teacher,
        settings.distillation());
  }

  private PruningPlan soften(
      Model student,
      Evidence evidence,
      PruningPlan plan,
      Recipe given,
      @Nullable Teacher teacher,
      List<Phase> phases) {
    progress.accept("pruning gradually");
    // The last weights, whatever validation says: only they are small where the cut goes. Averages
    // lag behind.
    Recipe recipe = given.keeping(Recipe.Keep.LAST).withAverage(0);
    Map<Long, Remaining> remaining = new LinkedHashMap<>();
    try (TrainableModel trainable =
        TrainableModel.of(student, objective(student, teacher), engine)) {
      Samples samples = samples(student, settings.augmentation());
      PruningRule rule =
          settings
              .method()
              .rule(
                  evidence,
                  plan,
                  trainable.store(),
                  recipe.updates(samples.dataset().size(), recipe.epochs()),
                  (step, now) -> {
                    remaining.put(step, now);
                    shrinking.accept(step, now);
                  });
      PruningRule recorded = new RecordedRule(Objects.requireNonNull(rule), remaining);
      Trainer trainer = trainer(SOFT, trainable, samples, recipe).with(recorded);
      phases.add(new Phase(SOFT, trainer.train(), remaining));
      return recorded.plan();
    }
  }

  /** With the rate for what correction could not make up for. */
  private Recipe rated(Recipe recipe, @Nullable Recovered recovered) {
    double left = recovered == null ? Double.NaN : recovered.error();
    if (!settings.gentle() || Double.isNaN(left)) {
      return recipe;
    }
    return recipe.withRate(recipe.rate() * PruningDefaults.repairRate(left));
  }

  private Evaluation tune(
      Model pruned,
      Evaluation start,
      Recipe recipe,
      @Nullable Teacher teacher,
      List<Phase> phases) {
    progress.accept("fine-tuning");
    try (TrainableModel trainable = TrainableModel.of(pruned, objective(pruned, teacher), engine)) {
      TrainingResult result =
          trainer(TUNE, trainable, samples(pruned, settings.augmentation()), recipe)
              .startingAt(start)
              .train();
      phases.add(new Phase(TUNE, result, Map.of()));
      return Objects.requireNonNull(result.evaluation());
    }
  }

  private Trainer trainer(String name, TrainableModel trainable, Samples samples, Recipe recipe) {
    Model model = trainable.store().model();
    Trainer trainer =
        Trainer.of(trainable, samples, recipe).validating(held(model)).telling(listener);
    return work == null ? trainer : trainer.in(work.resolve(name), 0, name + " of " + decided);
  }

  private Samples samples(Model model, Augmentation augmentation) {
    return preparation.samples(splits.train(), ModelInputs.of(model), augmentation);
  }

  private Samples held(Model model) {
    return preparation.samples(splits.validation(), ModelInputs.of(model), Augmentation.NONE);
  }

  private Evaluation evaluate(Model model, @Nullable Teacher teacher) {
    progress.accept("measuring accuracy");
    Objective objective = objective(model, teacher);
    evaluator =
        evaluator == null
            ? new Evaluator(objective, held(model), batch())
            : evaluator.with(objective);
    return model == original
        ? evaluator.evaluateTeacher(model, engine)
        : evaluator.evaluate(model, engine);
  }

  private int batch() {
    Recipe recipe = settings.tune() == null ? settings.soft() : settings.tune();
    return recipe == null
        ? Objective.builtInBatch(original).orElse(Recipe.STANDARD.batch())
        : recipe.batch();
  }
}
