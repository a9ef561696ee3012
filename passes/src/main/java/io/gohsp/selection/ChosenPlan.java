package io.gohsp.selection;

import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.DroppableBranches;
import io.gohsp.plan.PruningPlan;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.MlpPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The plan that keeps, of every choice, so many units of the highest score. */
final class ChosenPlan {
  private final Choices choices;
  private final Map<Choice, Integer> counts;

  private ChosenPlan(Choices choices, Map<Choice, Integer> counts) {
    this.choices = choices;
    this.counts = counts;
  }

  static PruningPlan of(
      Choices choices, Map<Choice, Integer> counts, Map<String, String> provenance) {
    return new ChosenPlan(choices, counts).plan(provenance);
  }

  private PruningPlan plan(Map<String, String> provenance) {
    List<BlockPlan> plans = new ArrayList<>();
    for (int i = 0; i < choices.blocks().size(); i++) {
      Block block = choices.blocks().get(i);
      AttentionPart attention = block.attention();
      MlpPart mlp = block.mlp();
      int[] heads =
          attention == null || isGone(attention) ? new int[0] : choices.headsKept(i, counts);
      plans.add(
          new BlockPlan(
              block.name(),
              attention == null ? null : attention.headCount(),
              attention == null || attention.qk() == null ? null : attention.qk().size(),
              attention == null || attention.v() == null ? null : attention.v().size(),
              mlp == null ? null : mlp.neurons().size(),
              attention == null || heads.length == attention.headCount() ? null : list(heads),
              attention == null ? null : columns(attention.qk(), i, heads),
              attention == null ? null : columns(attention.v(), i, heads),
              mlp == null ? null : neurons(mlp.neurons())));
    }
    return new PruningPlan(plans, provenance);
  }

  private boolean isGone(AttentionPart attention) {
    Choice choice = choices.of(DroppableBranches.axis(attention));
    return choice != null && counts.get(choice) == 0;
  }

  private static List<Integer> list(int[] positions) {
    return Arrays.stream(positions).boxed().toList();
  }

  private @Nullable List<Integer> neurons(PrunableAxis axis) {
    Choice choice = choices.of(axis);
    if (choice == null || counts.get(choice) == choice.units()) {
      return null;
    }
    return list(
        Choices.positions(axis, Choice.best(choice.scoreRows(List.of())[0], counts.get(choice))));
  }

  private @Nullable List<List<Integer>> columns(
      @Nullable PrunableAxis axis, int block, int[] heads) {
    Choice choice = choices.of(axis);
    if (axis == null
        || choice == null
        || heads.length == 0
        || counts.get(choice) == choice.units()) {
      return null;
    }
    double[][] rows = choice.scoreRows(choices.headsKept(choice, counts));
    Choice.Member member =
        choice.members().stream()
            .filter(m -> m.block() == block && m.axis().equals(axis))
            .findFirst()
            .orElseThrow();
    var rowOf = Choice.rowOfHead(member);
    List<List<Integer>> kept = new ArrayList<>();
    for (int head : heads) {
      kept.add(
          list(
              Choices.positions(
                  axis, Choice.best(rows[rowOf.applyAsInt(head)], counts.get(choice)))));
    }
    return kept;
  }
}
