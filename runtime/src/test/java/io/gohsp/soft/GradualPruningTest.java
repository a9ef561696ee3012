package io.gohsp.soft;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.engine.FlatVector;
import io.gohsp.fixture.Cuts;
import io.gohsp.ir.Location;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.train.ParameterStore;
import io.gohsp.train.StepRule;
import io.gohsp.train.TrainingListener;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradualPruningTest {
  private static final int UPDATES = 14;

  private final WorkingModel working = WorkingModel.normalized(Digits.model());
  private final PruningPlan target =
      Cuts.halves(working.blocks(), EnumSet.allOf(Cuts.Part.class), 3);

  /** Looks after each update. */
  private record Watched(GradualPruning rule, Runnable look) implements StepRule {
    @Override
    public void beforeUpdate(long step) {
      rule.beforeUpdate(step);
    }

    @Override
    public void afterUpdate(long step, double rate) {
      rule.afterUpdate(step, rate);
      look.run();
    }
  }

  private GradualPruning rule(boolean taylor, ParameterStore store) {
    return taylor
        ? GradualPruning.byTaylor(working, store, target, UPDATES, 5)
        : GradualPruning.byMagnitude(working, store, target, UPDATES, 5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsSwitchedOffStaysZeroAndNothingComesBack(boolean taylor) {
    List<PruningPlan> plans = new ArrayList<>();
    Digits.train(
        Digits.model(),
        UPDATES,
        store -> {
          GradualPruning rule = rule(taylor, store);
          plans.add(rule.plan());
          FlatVector gone = store.vector();
          return new Watched(
              rule,
              () -> {
                plans.add(rule.plan());
                new PlanMask(working, store)
                    .write(
                        PlanResolver.resolve(rule.plan(), working.blocks(), Location.UNKNOWN),
                        gone);
                float[] marks = Digits.numbers(gone);
                float[] weights = Digits.numbers(store.weights());
                for (int i = 0; i < marks.length; i++) {
                  if (marks[i] == 1) {
                    assertThat(Math.abs(weights[i])).isZero();
                  }
                }
              });
        },
        TrainingListener.NONE);

    assertThat(plans).hasSize(UPDATES + 1);
    assertThat(plans.get(0).isEmpty()).isTrue();
    assertThat(new LinkedHashSet<>(plans)).as("in the last round nothing is left to do").hasSize(5);
    for (int block = 0; block < 2; block++) {
      for (int i = 1; i < plans.size(); i++) {
        BlockPlan before = plans.get(i - 1).blocks().get(block);
        BlockPlan after = plans.get(i).blocks().get(block);
        assertThat(of(before.neuronsKept(), 24)).containsAll(of(after.neuronsKept(), 24));
        assertThat(of(before.headsKept(), 4)).containsAll(of(after.headsKept(), 4));
        for (int head : of(after.headsKept(), 4)) {
          assertThat(columns(before, before.qkKept(), head))
              .containsAll(columns(after, after.qkKept(), head));
          assertThat(columns(before, before.vKept(), head))
              .containsAll(columns(after, after.vKept(), head));
        }
      }
      BlockPlan last = plans.get(UPDATES).blocks().get(block);
      assertThat(last.headsKept()).hasSize(2);
      assertThat(last.neuronsKept()).hasSize(12);
      assertThat(last.qkKept()).allSatisfy(row -> assertThat(row).hasSize(2));
      assertThat(last.vKept()).allSatisfy(row -> assertThat(row).hasSize(2));
    }
  }

  private static Set<Integer> of(@Nullable List<Integer> kept, int all) {
    Set<Integer> some = new LinkedHashSet<>();
    for (int i = 0; i < all; i++) {
      if (kept == null || kept.contains(i)) {
        some.add(i);
      }
    }
    return some;
  }

  private static Set<Integer> columns(
      BlockPlan block, @Nullable List<List<Integer>> kept, int head) {
    int at = block.headsKept() == null ? head : block.headsKept().indexOf(head);
    return of(kept == null ? null : kept.get(at), 4);
  }
}
