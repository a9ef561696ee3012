package io.gohsp.selection;

import io.gohsp.axis.Factor;
import io.gohsp.branch.BranchExit;
import io.gohsp.plan.DroppableBranches;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One decision: how many units of a factor stay, and which. Blocks that share the factor (tied
 * weights, a common rotary table) share the decision. Counts are of units throughout: what is
 * removed as a whole, such as a group of heads or a pair of columns.
 */
final class Choice {
  /**
   * Where the factor is an axis of a block.
   *
   * @param attention null for neurons
   * @param scores one row of positions; for columns one for each head
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity of the choice alone
  record Member(
      int block,
      GroupKind kind,
      PrunableAxis axis,
      @Nullable AttentionPart attention,
      double[][] scores) {}

  private final Factor factor;
  private final List<Member> members = new ArrayList<>();

  /**
   * What one unit less saves in the unpruned model; what scores are divided by where layers
   * compete.
   */
  private double unitCost = 1;

  /** Why it keeps everything; null if it may lose something. */
  private @Nullable String reasonToKeep;

  /** How the branches leave that go with all units; null if some unit has to stay. */
  private @Nullable BranchExit exit;

  Choice(Factor factor) {
    this.factor = factor;
  }

  /** What is chosen; where query-key and value columns are one axis, the former stands for both. */
  GroupKind kind() {
    return members.get(0).kind();
  }

  /** All that is chosen: one kind, or both kinds of columns. */
  Set<GroupKind> kinds() {
    Set<GroupKind> kinds = EnumSet.noneOf(GroupKind.class);
    members.forEach(member -> kinds.add(member.kind()));
    return kinds;
  }

  Factor factor() {
    return factor;
  }

  List<Member> members() {
    return members;
  }

  void add(Member member) {
    members.add(member);
  }

  boolean isFree() {
    return reasonToKeep == null;
  }

  /** Whether a branch goes with all units: heads, neurons, the value columns of a single head. */
  boolean isBranch() {
    return members.stream()
        .map(Member::attention)
        .filter(Objects::nonNull)
        .map(DroppableBranches::axis)
        .allMatch(axis -> axis != null && factor.equals(axis.factor()));
  }

  void keepAll(String reason) {
    if (reasonToKeep == null) {
      reasonToKeep = reason;
    }
  }

  @Nullable BranchExit exit() {
    return exit;
  }

  /** Lets all units go, and the branches with them. */
  void setExit(BranchExit free) {
    exit = free;
  }

  void setUnitCost(double cost) {
    unitCost = cost;
  }

  int units() {
    return factor.count();
  }

  int positionsPerUnit() {
    return members.stream().mapToInt(m -> m.axis().positionsPerUnit()).max().orElse(1);
  }

  /** The units that hold {@code positions}, rounded up. */
  int unitsFor(int positions) {
    int per = positionsPerUnit();
    return Math.min(units(), (positions + per - 1) / per);
  }

  // ---- which units, given how many

  /** One score a unit, over all blocks and, for columns, over the heads that stay. */
  private double[] unitScores(List<int[]> headsKept) {
    double[] sums = new double[units()];
    for (int m = 0; m < members.size(); m++) {
      Member member = members.get(m);
      int[] unitOf = member.axis().unitOfPosition();
      if (kind().isColumns()) {
        for (int head : headsKept.get(m)) {
          addTo(sums, unitOf, member.scores()[head]);
        }
      } else {
        addTo(sums, unitOf, member.scores()[0]);
      }
    }
    return sums;
  }

  private static void addTo(double[] sums, int[] unitOf, double[] scores) {
    for (int position = 0; position < scores.length; position++) {
      sums[unitOf[position]] += scores[position];
    }
  }

  /**
   * The scores from which units are chosen separately: one row for all heads, or one for each
   * position of the factors that the choice may depend on.
   *
   * @param headsKept for each member the heads that stay; what goes does not count
   */
  double[][] scoreRows(List<int[]> headsKept) {
    List<Factor> dependsOn = members.get(0).axis().dependsOn();
    if (!kind().isColumns() || dependsOn.isEmpty()) {
      return new double[][] {unitScores(headsKept)};
    }
    int count = dependsOn.stream().mapToInt(Factor::count).reduce(1, Math::multiplyExact);
    double[][] rows = new double[count][units()];
    for (int m = 0; m < members.size(); m++) {
      Member member = members.get(m);
      int[] unitOf = member.axis().unitOfPosition();
      IntUnaryOperator rowOf = rowOfHead(member);
      for (int head : headsKept.get(m)) {
        addTo(rows[rowOf.applyAsInt(head)], unitOf, member.scores()[head]);
      }
    }
    return rows;
  }

  /** The row of {@link #scoreRows} that a head of a member takes its columns from. */
  static IntUnaryOperator rowOfHead(Member member) {
    PrunableAxis heads = member.attention() == null ? null : member.attention().heads();
    if (heads == null || member.axis().dependsOn().isEmpty()) {
      return head -> 0;
    }
    int[] rows = IntStream.range(0, heads.size()).map(h -> member.axis().row(heads, h)).toArray();
    return head -> rows[head];
  }

  /** The {@code count} units of highest score, rising; of equal ones the lower stays. */
  static int[] best(double[] scores, int count) {
    if (count == 0) {
      return new int[0];
    }
    if (count >= scores.length) {
      return IntStream.range(0, scores.length).toArray();
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    double threshold = sorted[scores.length - count];
    int above = 0;
    for (double score : scores) {
      above += score > threshold ? 1 : 0;
    }
    int[] kept = new int[count];
    int ties = count - above;
    int filled = 0;
    for (int unit = 0; unit < scores.length; unit++) {
      if (scores[unit] > threshold || (scores[unit] == threshold && ties-- > 0)) {
        kept[filled++] = unit;
      }
    }
    return kept;
  }

  /**
   * What each further unit is worth for its cost, falling: element r stands for the (r+1)-th unit,
   * summed over heads, each of which keeps its own r-th best.
   */
  double[] worth(List<int[]> headsKept) {
    double[] worth = new double[units()];
    for (double[] row : scoreRows(headsKept)) {
      double[] sorted = row.clone();
      Arrays.sort(sorted);
      for (int r = 0; r < worth.length; r++) {
        worth[r] += sorted[worth.length - 1 - r];
      }
    }
    double cost = unitCost * shareOfHeads(headsKept);
    for (int r = 0; r < worth.length; r++) {
      worth[r] = cost > 0 ? worth[r] / cost : Double.POSITIVE_INFINITY;
    }
    return worth;
  }

  /** A column costs less where heads have gone. */
  private double shareOfHeads(List<int[]> headsKept) {
    if (!kind().isColumns()) {
      return 1;
    }
    double kept = 0;
    double all = 0;
    for (int m = 0; m < members.size(); m++) {
      kept += headsKept.get(m).length;
      AttentionPart attention = members.get(m).attention();
      all += attention == null ? 0 : attention.headCount();
    }
    return kept / all;
  }

  @Override
  public String toString() {
    return kind().label() + " of block " + members.get(0).block();
  }

  @Nullable String reasonToKeep() {
    return reasonToKeep;
  }
}
