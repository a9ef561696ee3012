package io.gohsp.pipeline;

import io.gohsp.basis.Basis;
import io.gohsp.cost.CostModel;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.ir.Model;
import io.gohsp.linalg.OpenBlas;
import io.gohsp.phase.Chain;
import io.gohsp.phase.Correct;
import io.gohsp.phase.Cut;
import io.gohsp.phase.Decision;
import io.gohsp.phase.Material;
import io.gohsp.phase.Measure;
import io.gohsp.phase.Plan;
import io.gohsp.phase.Prepare;
import io.gohsp.phase.Pruned;
import io.gohsp.phase.Rank;
import io.gohsp.phase.Run;
import io.gohsp.phase.RunListener;
import io.gohsp.phase.Soften;
import io.gohsp.phase.Tune;
import io.gohsp.phase.Work;
import io.gohsp.plan.InvalidOption;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.study.Goal;
import io.gohsp.train.Evaluation;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From a model and data to a smaller model that does nearly as well: plan, train softly, cut,
 * verify, fine-tune. With a work directory a run that was interrupted in any phase goes on where it
 * was, to the same result.
 */
public final class PruningPipeline {
  private final Material material;
  private final PruningSettings settings;
  private Work work = Work.NONE;
  private RunListener listener = RunListener.NONE;
  private @Nullable Evaluation known;

  /** A pipeline for one model. */
  public PruningPipeline(Material material, PruningSettings settings) {
    this.material = material;
    this.settings = settings;
  }

  /** Keeps what phases come to in a directory, and goes on from what is there. */
  public PruningPipeline in(Work directory) {
    work = directory;
    return this;
  }

  /** Tells how it goes. */
  public PruningPipeline telling(RunListener newListener) {
    listener = newListener;
    return this;
  }

  /** Takes the original's evaluation from an earlier run on the same terms. */
  public PruningPipeline knowing(@Nullable Evaluation dense) {
    known = dense;
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
  public PruningResult run() {
    Model original = material.original();
    requireFit();
    OpenBlas.useThreads(material.calibration().options().threads());
    work.prepare();
    PruningSettings.Training training = settings.training();
    try (Run run =
        new Run(
            material, training.supervision(), settings.verification(), batch(), work, listener)) {
      Goal goal = settings.goal();
      Recipe soft = settings.soft();
      RecoverySettings recovery = settings.recovery();
      Recipe tune = training.tune();
      Correct correct = recovery == null ? null : new Correct(recovery);
      Pruned pruned =
          Chain.of(original, run)
              .then(new Measure(known))
              .then(new Rank(settings.method(), settings.rotated() && goal.isStated()))
              .then(new Plan(goal, settings.origin().seed(), correct))
              .then(new Prepare())
              .optionally(soft == null ? null : new Soften(settings.method(), soft))
              .then(new Cut())
              .optionally(correct)
              .optionally(tune == null ? null : new Tune(tune, training.gentle()))
              .run();
      PruningResult result = result(pruned);
      ResultMetadata.write(result, settings.verification());
      return result;
    }
  }

  private void requireFit() {
    Model original = material.original();
    Objective.requireBatch(original, batch());
    material.calibration().requireBatch(original);
    Objective.given(original).requireClasses(material.splits().train());
    settings.recipes().forEach(recipe -> recipe.requireUpdates(material.splits().train().size()));
  }

  private PruningResult result(Pruned pruned) {
    Model original = material.original();
    Decision decision = pruned.student().decision();
    List<@Nullable Basis> bases = decision.plan().bases();
    return new PruningResult(
        original,
        pruned.model(),
        CostModel.of(original),
        CostModel.of(pruned.model()),
        new PruningResult.Choice(
            pruned.student().plan().in(bases).narrowing(decision.plan().streams()),
            decision.heads(),
            decision.latency()),
        pruned.verdict(),
        pruned.phases(),
        new PruningResult.Outcome(
            decision.dense(), pruned.atCut(), pruned.recovered(), pruned.evaluation()),
        settings.origin());
  }

  private int batch() {
    PruningSettings.Training training = settings.training();
    Recipe recipe = training.tune() == null ? training.soft() : training.tune();
    return recipe == null
        ? Objective.builtInBatch(material.original()).orElse(Recipe.STANDARD.batch())
        : recipe.batch();
  }
}
