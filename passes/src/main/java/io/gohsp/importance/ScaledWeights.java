package io.gohsp.importance;

import io.gohsp.axis.AxisLayout;
import io.gohsp.cost.Weights;
import io.gohsp.importance.SensitivityGraph.Member;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockGroups;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.List;

/** The weights that pruning could shorten. */
final class ScaledWeights {
  private ScaledWeights() {}

  static List<Scaled> of(WorkingModel model) {
    List<Member> members = new ArrayList<>();
    List<Block> blocks = model.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      for (BlockGroups groups : BlockGroups.of(blocks.get(i))) {
        members.add(new Member(i, groups));
      }
    }
    List<Scaled> all = new ArrayList<>();
    Weights.of(model.model())
        .filter(weight -> weight.tensor().type().isFloating())
        .forEach(
            weight -> {
              List<AxisLayout> axes = model.analysis().layout(weight.value());
              if (axes == null || !axes.stream().allMatch(axis -> axis.size().isKnown())) {
                return;
              }
              List<Member> here =
                  members.stream()
                      .filter(member -> !member.groups().involved(axes).isEmpty())
                      .toList();
              if (!here.isEmpty()) {
                all.add(new Scaled(weight.value(), axes, true, here));
              }
            });
    return all;
  }
}
