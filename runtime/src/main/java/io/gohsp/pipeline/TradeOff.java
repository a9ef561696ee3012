package io.gohsp.pipeline;

import io.gohsp.calibration.Calibration;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.ModelOutputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.method.Methods;
import io.gohsp.method.TrainedMethod;
import io.gohsp.phase.Evaluations;
import io.gohsp.phase.Prepare;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.recover.Recovery;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.selection.Budget;
import io.gohsp.selection.LossTable;
import io.gohsp.study.Goal;
import io.gohsp.study.Study;
import io.gohsp.train.Agreement;
import io.gohsp.train.Evaluation;
import io.gohsp.train.Evaluator;
import io.gohsp.train.Objective;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Verdict;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How well a model does at many sizes, without training: what {@code prune} comes to right after
 * the correction, for each of a list of budgets. The samples are looked at once; each size takes a
 * plan, a cut, one sweep of correction and one evaluation. Nothing is written.
 */
public final class TradeOff {
  /**
   * What is to be done.
   *
   * @param method decides what stays
   * @param goals one for each size, with a budget
   * @param rotated whether the columns of heads are written in the best basis before any goes
   * @param recovery closed-form correction right after each cut; null for none
   * @param batch samples in a run of evaluation
   * @param mask the input that says which tokens count; null to find it
   * @param verification how each cut is verified
   */
  public record Settings(
      TrainedMethod method,
      List<Goal> goals,
      boolean rotated,
      @Nullable RecoverySettings recovery,
      int batch,
      @Nullable String mask,
      Verification verification) {
    /**
     * @throws InvalidOption if a batch has no sample, or the method takes no budget
     */
    public Settings {
      goals = List.copyOf(goals);
      if (batch < 1) {
        throw new InvalidOption("--batch " + batch + " is no number of samples; give 1 or more");
      }
      if (method.name().equals(Methods.ZEROS.name())) {
        throw new InvalidOption(
            "--method zeros takes no budget, so that there is no curve; prune with it");
      }
    }
  }

  /**
   * Budgets for a curve, evenly from the largest to the smallest, to a tenth of a percent where
   * fewer than a thousand are asked for.
   *
   * @param points how many sizes, the original among them
   * @param embeddings whether embedding tables count as parameters
   * @throws InvalidOption if fewer than two
   */
  public static List<Budget> budgets(int points, boolean embeddings) {
    if (points < 2) {
      throw new InvalidOption("--points " + points + " makes no curve; give 2 or more");
    }
    // As few as keep them apart: what tables show is what --keep-params takes.
    int places = Math.max(1, String.valueOf(points).length() - 2);
    return IntStream.range(1, points)
        .mapToObj(
            i ->
                BigDecimal.valueOf(100L * (points - i))
                    .divide(BigDecimal.valueOf(points), places, RoundingMode.HALF_UP)
                    .stripTrailingZeros())
        .<Budget>map(percent -> Budget.params(percent.toPlainString() + "%", embeddings))
        .toList();
  }

  /** Sizes of a curve where nobody says how many. */
  public static final int POINTS = 10;

  /**
   * A size.
   *
   * @param budget that it keeps to
   * @param plan what stays
   * @param cost what the pruned model costs
   * @param evaluation how well it does
   */
  public record Point(Budget budget, PruningPlan plan, Cost cost, Evaluation evaluation) {}

  /**
   * A curve.
   *
   * @param labelled whether accuracies are shares of labels; otherwise of what the original says,
   *     and losses are divergences from it (relative errors, where there are no class scores)
   * @param tables what budgets were spread by
   * @param dense what the original costs
   * @param evaluation of the original
   * @param points from the first to the last budget, without those out of reach
   * @param unreachable why budgets are missing
   */
  public record Result(
      boolean labelled,
      List<LossTable> tables,
      Cost dense,
      Evaluation evaluation,
      List<Point> points,
      List<String> unreachable) {
    public Result {
      tables = List.copyOf(tables);
      points = List.copyOf(points);
      unreachable = List.copyOf(unreachable);
    }
  }

  private final Model original;
  private final Splits splits;
  private final Preparation preparation;
  private final Settings settings;
  private final Engine engine;
  private final Calibration calibration;
  private final Consumer<String> progress;
  private Consumer<Point> watcher = point -> {};

  /**
   * A curve of one model.
   *
   * @param splits what is evaluated on: the validation part
   * @param engine what executes evaluation
   * @param calibration makes the calibration part ready
   * @param progress is told what is being done
   */
  public TradeOff(
      Model original,
      Splits splits,
      Preparation preparation,
      Settings settings,
      Engine engine,
      Calibration calibration,
      Consumer<String> progress) {
    this.original = original;
    this.splits = splits;
    this.preparation = preparation;
    this.settings = settings;
    this.engine = engine;
    this.calibration = calibration;
    this.progress = progress;
  }

  /** Shows each size as soon as it is measured. */
  public TradeOff showing(Consumer<Point> points) {
    watcher = points;
    return this;
  }

  /**
   * Measures everything.
   *
   * @throws NotEquivalent if a cut model does not compute what the masked one does
   * @throws ModelException.NothingToPrune if no budget can be reached
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public Result run() {
    Objective.requireBatch(original, settings.batch());
    calibration.requireBatch(original);
    Study study =
        Study.of(original, settings.rotated(), calibration, splits.train().isLabelled(), progress);
    TrainedMethod.Findings findings = settings.method().study(study.evidence());
    Measured evaluations = new Measured();
    List<Point> points = new ArrayList<>();
    List<String> unreachable = new ArrayList<>();
    ModelException.NothingToPrune last = null;
    for (Goal goal : settings.goals()) {
      try {
        PruningPlan plan =
            study.reach(goal, findings.planner(), settings.verification().seed()).plan();
        Point point = point(Objects.requireNonNull(goal.budget()), plan, evaluations);
        watcher.accept(point);
        points.add(point);
      } catch (ModelException.NothingToPrune e) {
        unreachable.add(Objects.requireNonNullElse(e.getMessage(), goal.toString()));
        last = e;
      }
    }
    if (points.isEmpty() && last != null) {
      throw last;
    }
    return new Result(
        evaluations.labelled,
        study.tables(),
        CostModel.of(original),
        evaluations.dense(),
        points,
        unreachable);
  }

  private Point point(Budget budget, PruningPlan plan, Measured evaluations) {
    progress.accept(String.format(Locale.ROOT, "cutting and correcting at %s", budget));
    List<GivenSamples> given =
        UserSamples.first(original, calibration.samples().apply(ModelInputs.of(original)));
    Model dense = Prepare.student(original, plan, settings.verification(), given);
    PruningPlan own = plan.inOwnBasis();
    Model pruned = Pruning.prune(dense, own);
    Verdict verdict =
        settings.verification().compare(dense, own, Verdict.Mode.MASKED, pruned, given);
    if (!verdict.passed()) {
      throw new NotEquivalent(verdict);
    }
    if (settings.recovery() != null) {
      Recovery.of(dense, own, calibration, settings.recovery()).apply(pruned);
    }
    progress.accept(String.format(Locale.ROOT, "measuring accuracy at %s", budget));
    return new Point(budget, plan, CostModel.of(pruned), evaluations.of(pruned));
  }

  /** Of many models on the same samples. */
  private final class Measured {
    private final Calibration held = calibration.validating(preparation, splits);
    private final Samples samples = held.samples().apply(ModelInputs.of(original));
    private final Evaluations whoever = new Evaluations(held, engine, settings.batch());
    private final boolean labelled =
        ModelOutputs.logits(original) != null && samples.dataset().isLabelled();
    private final Agreement.First first =
        new Agreement.First(original, samples, settings.batch(), engine, settings.mask());

    Evaluation of(Model model) {
      if (labelled) {
        Evaluator here = new Evaluator(Objective.given(model), samples, settings.batch());
        return whoever.of(model, here, null);
      }
      Agreement agreement = whoever.of(model, first, original);
      boolean scores = !Double.isNaN(agreement.sameClass());
      return new Evaluation(
          scores ? agreement.divergence() : agreement.relativeError(),
          agreement.sameClass(),
          agreement.samples(),
          false);
    }

    Evaluation dense() {
      progress.accept("measuring the original's accuracy");
      boolean scores = ModelOutputs.logits(original) != null;
      return labelled
          ? of(original)
          : new Evaluation(0, scores ? 1 : Double.NaN, samples.dataset().size(), false);
    }
  }
}
