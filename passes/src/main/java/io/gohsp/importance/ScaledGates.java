package io.gohsp.importance;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.gate.GatePlaces;
import io.gohsp.importance.SensitivityGraph.Member;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.BlockGroups;
import io.gohsp.selection.GroupKind;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The operands that verification would gate, each as a value for its reader alone: an Identity
 * stands where the multiplication by ones would.
 */
final class ScaledGates {
  /** Heads and value columns are switched off in one place. */
  private static final List<Set<GroupKind>> TOGETHER =
      List.of(
          Set.of(GroupKind.HEADS, GroupKind.V), Set.of(GroupKind.QK), Set.of(GroupKind.NEURONS));

  private final AxisAnalysis analysis;
  private final List<Scaled> scaled = new ArrayList<>();

  private ScaledGates(AxisAnalysis analysis) {
    this.analysis = analysis;
  }

  static List<Scaled> of(WorkingModel model) {
    ScaledGates gates = new ScaledGates(model.analysis());
    List<List<BlockGroups>> groups = BlockGroups.of(model.blocks());
    for (int block = 0; block < groups.size(); block++) {
      for (Set<GroupKind> kinds : TOGETHER) {
        gates.add(block, model.blocks().get(block), groups.get(block), kinds);
      }
    }
    return gates.scaled;
  }

  private void add(int index, Block block, List<BlockGroups> all, Set<GroupKind> kinds) {
    List<Member> members = new ArrayList<>();
    Set<Factor> factors = new LinkedHashSet<>();
    for (BlockGroups groups : all) {
      if (kinds.contains(groups.kind())) {
        members.add(new Member(index, groups));
        factors.addAll(groups.factors());
      }
    }
    if (members.isEmpty()) {
      return;
    }
    List<Contraction> places =
        kinds.contains(GroupKind.V)
            ? GatePlaces.headsAndValues(
                analysis, Objects.requireNonNull(block.attention()), factors)
            : GatePlaces.over(analysis, factors);
    for (Contraction place : places) {
      List<Member> here =
          members.stream()
              .filter(
                  member -> place.reduced().factors().anyMatch(member.groups().factors()::contains))
              .toList();
      if (!here.isEmpty()) {
        place.gates().forEach(gated -> add(place.node(), gated, here));
      }
    }
  }

  private void add(Node reader, Value gated, List<Member> members) {
    List<AxisLayout> axes = analysis.layout(gated);
    if (axes == null) {
      return;
    }
    List<Member> here =
        members.stream().filter(member -> !member.groups().involved(axes).isEmpty()).toList();
    if (here.isEmpty()) {
      return;
    }
    for (int i = 0; i < reader.inputs().size(); i++) {
      Value input = reader.optionalInput(i);
      if (input != null && original(input) == gated) {
        Value gate =
            reader
                .graph()
                .insertBefore(reader, OpId.of("Identity"), gated.name() + "_gate", input)
                .output();
        reader.setInput(i, gate);
        scaled.add(new Scaled(gate, axes, analysis.isConstant(gated), here));
      }
    }
  }

  /** Behind the gates that stand there already. */
  private Value original(Value value) {
    Value at = value;
    while (true) {
      Value here = at;
      if (scaled.stream().noneMatch(gate -> gate.value() == here)) {
        return at;
      }
      at = at.producer().orElseThrow().input(0);
    }
  }
}
