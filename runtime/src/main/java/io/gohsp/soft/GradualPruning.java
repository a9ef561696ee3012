package io.gohsp.soft;

import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Location;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance;
import io.gohsp.selection.KeptScores;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.train.ParameterStore;
import java.util.Map;

/**
 * Switches groups off for good while the model trains, round by round (METHOD.md section 7, SGMP
 * and TP): of those that are left, the ones that score lowest by then. How many of each kind every
 * layer keeps in the end is the plan's, which of them is not. Our choice: heads, columns and
 * neurons follow the same schedule, each layer towards its own count.
 */
public final class GradualPruning implements PruningRule {
  /** Below all that is left. */
  private static final double GONE = -1;

  private final WorkingModel working;
  private final ParameterStore store;
  private final PruningPlan target;
  private final Rounds rounds;
  private final RunningScores scores;
  private final PlanMask mask;
  private final FlatVector stays;
  private PruningPlan plan;

  private GradualPruning(
      WorkingModel working,
      ParameterStore store,
      PruningPlan target,
      Rounds rounds,
      PlanMask mask,
      RunningScores scores) {
    this.working = working;
    this.store = store;
    this.target = target;
    this.rounds = rounds;
    this.scores = scores;
    this.mask = mask;
    stays = store.vector();
    plan = selected(Importance.constant(working.blocks(), 0), 0);
    mask();
  }

  /**
   * By the size of weights, {@link MagnitudeImportance}.
   *
   * @param working what was made of the model
   * @param store the model's parameters, in training
   * @param target how much each layer keeps in the end
   * @param steps updates of the phase
   * @param rounds in which that is reached
   */
  public static GradualPruning byMagnitude(
      WorkingModel working, ParameterStore store, PruningPlan target, long steps, int rounds) {
    PlanMask mask = new PlanMask(working, store);
    RunningScores scores =
        () -> MagnitudeImportance.of(working, constant -> mask.numbers(constant, store.weights()));
    return new GradualPruning(working, store, target, new Rounds(steps, rounds), mask, scores);
  }

  /**
   * By {@code E_batch[(Σ_{w∈g} w·∂L/∂w)²]} over the batches of a round. The loss is the one that is
   * trained on, with all that belongs to it, such as the teacher's part: our choice.
   *
   * @param working what was made of the model
   * @param store the model's parameters, in training
   * @param target how much each layer keeps in the end
   * @param steps updates of the phase
   * @param rounds in which that is reached
   */
  public static GradualPruning byTaylor(
      WorkingModel working, ParameterStore store, PruningPlan target, long steps, int rounds) {
    PlanMask mask = new PlanMask(working, store);
    RunningScores scores =
        new GradientShares(working, store, mask, constant -> true, share -> share * share);
    return new GradualPruning(working, store, target, new Rounds(steps, rounds), mask, scores);
  }

  @Override
  public void beforeUpdate(long step) {
    scores.note();
  }

  @Override
  public void afterUpdate(long step, double rate) {
    store.weights().array().muli(stays.array());
    if (rounds.isDue(step + 1)) {
      Importance gone = Importance.constant(working.blocks(), GONE);
      plan = selected(KeptScores.of(plan, scores.take(), gone), step + 1);
      mask();
    }
  }

  private PruningPlan selected(Importance importance, long updates) {
    return PlanSelector.reselect(
        working, importance, target, (kind, all, kept) -> rounds.kept(all, kept, updates));
  }

  /** Whatever the optimiser remembers of a weight, it stays at zero from here on. */
  private void mask() {
    mask.write(PlanResolver.resolve(plan, working.blocks(), Location.of(working.model())), stays);
    stays.array().rsubi(1);
    store.weights().array().muli(stays.array());
  }

  @Override
  public PruningPlan plan() {
    return plan;
  }

  @Override
  public Map<String, FlatVector> state() {
    return scores.state();
  }

  @Override
  public String memo() {
    return PlanJson.compact(plan);
  }

  @Override
  public void restore(String memo) {
    plan = PlanJson.parse(memo, Location.of(working.model()));
    mask();
  }
}
