package io.gohsp.selection;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.branch.BranchExit;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.plan.DroppableBranches;
import io.gohsp.plan.InvalidOption;
import io.gohsp.stream.Streams;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.MlpPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All decisions about a model, in the order of its blocks, and why some of them are none. */
final class Choices {
  /** Why what the user named keeps everything. */
  static final String EXCLUDED = "excluded";

  private final List<Block> blocks;
  private final Map<Factor, Choice> byFactor = new LinkedHashMap<>();

  /** Places by reason, for the message if nothing is left. */
  private final Map<String, Set<String>> obstacles = new LinkedHashMap<>();

  private Choices(List<Block> blocks) {
    this.blocks = blocks;
  }

  static Choices of(AxisAnalysis analysis, List<Block> blocks, Importance importance) {
    if (importance.blocks().size() != blocks.size()) {
      throw new IllegalArgumentException(
          "scores of " + importance.blocks().size() + " blocks, the model has " + blocks.size());
    }
    Choices choices = new Choices(blocks);
    for (int i = 0; i < blocks.size(); i++) {
      AttentionPart attention = blocks.get(i).attention();
      Importance.Scores scores = importance.blocks().get(i);
      if (attention != null) {
        choices.add(
            GroupKind.HEADS, i, attention.heads(), attention, new double[][] {scores.heads()});
        choices.add(GroupKind.QK, i, attention.qk(), attention, scores.qk());
        choices.add(GroupKind.V, i, attention.v(), attention, scores.v());
      }
      MlpPart mlp = blocks.get(i).mlp();
      if (mlp != null) {
        choices.add(GroupKind.NEURONS, i, mlp.neurons(), null, new double[][] {scores.neurons()});
      }
    }
    return choices;
  }

  /**
   * Without what is to stay as it is.
   *
   * @param working that these are of
   * @throws InvalidOption if an exclusion matches nothing, not even a stream, which is no matter of
   *     blocks
   */
  Choices excluding(List<Exclusion> exclusions, WorkingModel working) {
    for (Exclusion exclusion : exclusions) {
      if (!exclude(exclusion, working.analysis())
          && Streams.of(working).all().stream()
              .noneMatch(stream -> exclusion.matches(stream.name()))) {
        throw new InvalidOption(
            "--exclude "
                + exclusion.text()
                + " matches no block, no residual stream and no weight; blocks are called "
                + blocks.stream()
                    .limit(3)
                    .map(b -> '"' + b.name() + '"')
                    .collect(Collectors.joining(", "))
                + " …");
      }
    }
    return this;
  }

  private void add(
      GroupKind kind,
      int block,
      @Nullable PrunableAxis axis,
      @Nullable AttentionPart attention,
      double[][] scores) {
    if (axis == null) {
      return;
    }
    Fixed obstacle = axis.obstacle();
    if (obstacle != null) {
      String place = obstacle.node() == null ? null : obstacle.node().location().node();
      obstacles
          .computeIfAbsent(kind.label() + ": " + obstacle.reason(), r -> new LinkedHashSet<>())
          .add(place == null ? blocks.get(block).name() : place);
    }
    Factor factor = axis.factor();
    if (factor == null) {
      return;
    }
    Choice choice = byFactor.computeIfAbsent(factor, Choice::new);
    choice.add(new Choice.Member(block, kind, axis, attention, scores));
    if (obstacle != null) {
      choice.keepAll("cannot be removed");
    } else if (choice.kind() != kind && !(choice.kind().isColumns() && kind.isColumns())) {
      choice.keepAll("are " + choice.kind().label() + " and " + kind.label() + " at once");
    } else if (axis.size() != choice.members().get(0).axis().size()
        || !axis.dependsOn().equals(choice.members().get(0).axis().dependsOn())) {
      choice.keepAll("are laid out differently in blocks that share them");
    }
  }

  /** Whether it matches anything. */
  private boolean exclude(Exclusion exclusion, AxisAnalysis analysis) {
    boolean found = false;
    for (int i = 0; i < blocks.size(); i++) {
      String name = blocks.get(i).name();
      int block = i;
      found |= exclusion.matches(name);
      byFactor.values().stream()
          .filter(
              choice ->
                  choice.members().stream()
                      .anyMatch(m -> m.block() == block && exclusion.keeps(name, m.kind())))
          .forEach(choice -> choice.keepAll(EXCLUDED));
    }
    for (Map.Entry<Value, List<AxisLayout>> entry : analysis.layouts().entrySet()) {
      if (ConstantValue.of(entry.getKey()) != null && exclusion.matches(entry.getKey().name())) {
        found = true;
        entry.getValue().stream()
            .flatMap(AxisLayout::factors)
            .map(byFactor::get)
            .filter(Objects::nonNull)
            .forEach(choice -> choice.keepAll(EXCLUDED));
      }
    }
    return found;
  }

  /**
   * Lets branches go that are to go, and those whose floor is zero where they can be taken out of
   * the stream.
   *
   * @param compete whether a budget may take all of one layer
   * @throws InvalidOption if one is to go and cannot
   */
  void freeBranches(WorkingModel working, Asked asked, boolean compete) {
    for (Choice choice : all()) {
      boolean dropped = asked.isDropped(choice) && !EXCLUDED.equals(choice.reasonToKeep());
      if (dropped && !choice.isFree()) {
        throw unfit(choice.toString(), whyKept(choice));
      }
      if (choice.isBranch()
          && choice.isFree()
          && (dropped || (compete && asked.mayLoseAll(choice)))) {
        BranchExit exit = DroppableBranches.exit(working, choice.factor());
        Fixed obstacle = exit.obstacle();
        if (obstacle == null) {
          choice.setExit(exit);
        } else if (dropped) {
          throw unfit(choice.toString(), obstacle.reason());
        }
      }
    }
    for (Block block : blocks) {
      AttentionPart attention = block.attention();
      if (attention != null
          && of(DroppableBranches.axis(attention)) == null
          && asked.dropsHeads(block.name())) {
        throw unfit("heads of " + block.name(), "they are no axis of their own");
      }
    }
  }

  private static String whyKept(Choice choice) {
    return choice.members().stream()
        .map(member -> member.axis().obstacle())
        .filter(Objects::nonNull)
        .map(Fixed::reason)
        .findFirst()
        .orElseGet(() -> Objects.requireNonNull(choice.reasonToKeep()));
  }

  private static InvalidOption unfit(String what, String reason) {
    return new InvalidOption("all %s are wished to go, but cannot: %s".formatted(what, reason));
  }

  List<Choice> all() {
    return List.copyOf(byFactor.values());
  }

  List<Block> blocks() {
    return blocks;
  }

  /** The choice that decides about an axis; null if none does. */
  @Nullable Choice of(@Nullable PrunableAxis axis) {
    return axis == null || axis.factor() == null ? null : byFactor.get(axis.factor());
  }

  /** The heads of a block that stay, rising, where each choice keeps this many units. */
  int[] headsKept(int block, Map<Choice, Integer> counts) {
    AttentionPart attention = Objects.requireNonNull(blocks.get(block).attention());
    Choice choice = of(attention.heads());
    if (choice == null || counts.get(choice) == choice.units()) {
      return IntStream.range(0, attention.headCount()).toArray();
    }
    int[] units = Choice.best(choice.scoreRows(List.of())[0], counts.get(choice));
    return positions(Objects.requireNonNull(attention.heads()), units);
  }

  /** For each member of a choice about columns how many units of its heads stay. */
  List<Integer> headCounts(Choice choice, Map<Choice, Integer> counts) {
    List<Integer> all = new ArrayList<>();
    for (Choice.Member member : choice.members()) {
      Choice heads = member.attention() == null ? null : of(member.attention().heads());
      all.add(heads == null ? 1 : counts.get(heads));
    }
    return all;
  }

  static int[] positions(PrunableAxis axis, int[] units) {
    boolean[] stays = new boolean[axis.units()];
    for (int unit : units) {
      stays[unit] = true;
    }
    int[] unitOf = axis.unitOfPosition();
    return IntStream.range(0, unitOf.length).filter(p -> stays[unitOf[p]]).toArray();
  }

  /**
   * For each member of a choice the heads that stay; empty for choices that are not about columns.
   */
  List<int[]> headsKept(Choice choice, Map<Choice, Integer> counts) {
    return choice.kind().isColumns()
        ? choice.members().stream().map(member -> headsKept(member.block(), counts)).toList()
        : List.of();
  }

  /** The commonest reasons why something stays, with one place each. */
  String commonestObstacles() {
    return obstacles.entrySet().stream()
        .sorted((a, b) -> Integer.compare(b.getValue().size(), a.getValue().size()))
        .limit(3)
        .map(
            e ->
                e.getKey()
                    + " ("
                    + e.getValue().iterator().next()
                    + (e.getValue().size() > 1 ? " and " + (e.getValue().size() - 1) + " more" : "")
                    + ")")
        .collect(Collectors.joining("; "));
  }
}
