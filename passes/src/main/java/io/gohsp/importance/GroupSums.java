package io.gohsp.importance;

import io.gohsp.importance.SensitivityGraph.Member;
import io.gohsp.importance.SensitivityGraph.Term;
import io.gohsp.selection.BlockGroups;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Adds the outputs of a {@link SensitivityGraph} up to one number for each group. Groups are
 * numbered through: block by block, in a block its heads, query-key columns, value columns (head by
 * head) and neurons.
 */
public final class GroupSums {
  private final List<Block> blocks;
  private final List<List<BlockGroups>> byBlock;
  private final boolean bySample;
  private final List<Map<GroupKind, Integer>> first = new ArrayList<>(); // by block
  private final int count;
  private final List<List<int[]>> groupsOfCells = new ArrayList<>(); // by term

  public GroupSums(SensitivityGraph graph) {
    blocks = graph.blocks();
    byBlock = BlockGroups.of(blocks);
    bySample = graph.measured() == Measured.GATES;
    int next = 0;
    for (int i = 0; i < blocks.size(); i++) {
      Map<GroupKind, Integer> starts = new EnumMap<>(GroupKind.class);
      first.add(starts);
      for (BlockGroups groups : byBlock.get(i)) {
        starts.put(groups.kind(), next);
        next += groups.count();
      }
    }
    count = next;
    for (Term term : graph.terms()) {
      groupsOfCells.add(numbered(term));
    }
  }

  private int start(int block, BlockGroups groups) {
    return Objects.requireNonNull(first.get(block).get(groups.kind()));
  }

  /** For each cell of a term the groups that it is added to. */
  private List<int[]> numbered(Term term) {
    List<int[]> all = new ArrayList<>();
    List<Integer> axes = IntStream.range(0, term.axes().size()).boxed().toList();
    for (Member member : term.members()) {
      int start = start(member.block(), member.groups());
      int[][] groups = member.groups().groupsOfCells(term.axes(), axes);
      for (int cell = 0; cell < groups.length; cell++) {
        int[] here = IntStream.of(groups[cell]).map(group -> start + group).toArray();
        if (all.size() == cell) {
          all.add(here);
        } else {
          all.set(
              cell, IntStream.concat(IntStream.of(all.get(cell)), IntStream.of(here)).toArray());
        }
      }
    }
    return all;
  }

  /** Number of groups. */
  public int count() {
    return count;
  }

  /**
   * The sums, of any sign.
   *
   * @param outputs one for each term, in their order
   * @param samples of the batch
   * @return [samples][groups] for gates, [1][groups] for weights; what no sample has a part in of
   *     its own is divided among all
   */
  public double[][] of(List<double[]> outputs, int samples) {
    double[][] sums = new double[bySample ? samples : 1][count];
    for (int term = 0; term < outputs.size(); term++) {
      add(outputs.get(term), groupsOfCells.get(term), sums);
    }
    return sums;
  }

  private static void add(double[] output, List<int[]> groupsOfCells, double[][] sums) {
    int cells = groupsOfCells.size();
    if (output.length != cells && output.length != cells * sums.length) {
      throw new IllegalArgumentException(
          output.length + " numbers for " + cells + " cells and " + sums.length + " samples");
    }
    boolean shared = output.length == cells;
    for (int row = 0; row < sums.length; row++) {
      int start = shared ? 0 : row * cells;
      double part = shared ? 1.0 / sums.length : 1;
      for (int cell = 0; cell < cells; cell++) {
        for (int group : groupsOfCells.get(cell)) {
          sums[row][group] += part * output[start + cell];
        }
      }
    }
  }

  /**
   * Numbers of groups in the form of scores.
   *
   * @param numbers {@link #count()} of them
   */
  public Importance importance(double[] numbers) {
    List<Scores> all = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      Scores scores = Scores.zeros(blocks.get(i));
      for (BlockGroups groups : byBlock.get(i)) {
        int at = start(i, groups);
        for (double[] row : scores.of(groups.kind())) {
          System.arraycopy(numbers, at, row, 0, row.length);
          at += row.length;
        }
      }
      all.add(scores);
    }
    return new Importance(all);
  }
}
