package io.gohsp.importance;

import io.gohsp.autodiff.Parameters;
import io.gohsp.axis.AxisLayout;
import io.gohsp.cost.Weights;
import io.gohsp.importance.SensitivityGraph.Member;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.BlockGroups;
import java.util.ArrayList;
import java.util.List;

/** What was learnt and pruning could shorten; tables of rotations, say, are not weights here. */
final class ScaledWeights {
  private ScaledWeights() {}

  static List<Scaled> of(WorkingModel model) {
    List<Member> members = new ArrayList<>();
    List<List<BlockGroups>> groups = BlockGroups.of(model.blocks());
    for (int i = 0; i < groups.size(); i++) {
      for (BlockGroups kind : groups.get(i)) {
        members.add(new Member(i, kind));
      }
    }
    List<Scaled> all = new ArrayList<>();
    Weights.of(model.model())
        .filter(weight -> Parameters.trainable(weight.value()))
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
