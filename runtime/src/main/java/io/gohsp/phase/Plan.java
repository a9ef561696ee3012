package io.gohsp.phase;

import io.gohsp.ir.Model;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.study.DropSearch;
import io.gohsp.study.Goal;
import io.gohsp.study.MaxDrop;
import io.gohsp.train.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * How much stays, and what. With that the decision is kept: rankings take long, and times are never
 * the same twice.
 *
 * @param goal how much is to stay
 * @param seed what the plan is to say about it
 * @param correct comes after the cut, so that accuracies of sizes that are tried are those with it;
 *     null if there is none
 */
public record Plan(Goal goal, long seed, @Nullable Correct correct)
    implements Phase<Ranking, Decision> {
  @Override
  public Part part() {
    return Part.STUDY;
  }

  @Override
  public @Nullable Decision recall(Run run) {
    DecisionFile file = DecisionFile.in(run.work(), goal);
    Decision earlier = file == null ? null : file.read();
    if (earlier != null) {
      run.listener().dense(earlier.dense());
    }
    return earlier;
  }

  @Override
  public void keep(Decision decision, Run run) {
    DecisionFile file = DecisionFile.in(run.work(), goal);
    if (file != null) {
      file.write(decision);
    }
  }

  @Override
  public Decision run(Ranking ranking, Run run) {
    run.listener().doing("choosing");
    Goal.Reached reached = reached(ranking, run);
    return new Decision(
        reached.plan(), ranking.findings().heads(), reached.latency(), ranking.dense());
  }

  private Goal.Reached reached(Ranking ranking, Run run) {
    Planner planner = ranking.findings().planner();
    MaxDrop drop = goal.drop();
    if (drop == null) {
      return ranking.study().reach(goal, planner, seed);
    }
    DropSearch search =
        new DropSearch(
            drop,
            ranking.dense(),
            budget -> ranking.study().reach(goal.within(budget), planner, seed).plan(),
            plan -> untrained(plan, run),
            run.listener()::doing);
    return new Goal.Reached(search.run(), null);
  }

  /** How well a plan does once cut and corrected. */
  private Evaluation untrained(PruningPlan plan, Run run) {
    run.listener().begins(Part.TRIALS);
    Model student =
        Prepare.student(run.original(), plan, run.verification(), run.given(run.original()));
    PruningPlan own = plan.inOwnBasis();
    Model pruned = Pruning.prune(student, own);
    return correct == null
        ? run.evaluate(pruned)
        : correct.corrected(student, own, pruned, run).evaluation();
  }
}
