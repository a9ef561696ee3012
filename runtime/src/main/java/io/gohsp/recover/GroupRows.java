package io.gohsp.recover;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.BlockGroups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which inputs of an output layer belong to which group. */
public final class GroupRows {
  private GroupRows() {}

  /** The output layer of a part of a block; null if there is none, or several, to speak of. */
  public static @Nullable LinearLayer layer(WorkingModel working, List<Contraction> outputs) {
    return outputs.size() == 1 && outputs.get(0).node().graph() == working.model().graph()
        ? LinearLayer.find(outputs.get(0).node()).orElse(null)
        : null;
  }

  /**
   * By group its inputs; null if they cannot be told.
   *
   * @param groups counted as {@link BlockGroups} does
   */
  public static int @Nullable [][] of(WorkingModel working, LinearLayer layer, BlockGroups groups) {
    List<AxisLayout> axes = working.analysis().layout(layer.node().input(1));
    if (axes == null) {
      return null;
    }
    int[][] groupsOf = groups.groupsOfCells(axes, groups.involved(axes));
    List<List<Integer>> rows = new ArrayList<>();
    for (int group = 0; group < groups.count(); group++) {
      rows.add(new ArrayList<>());
    }
    for (int cell = 0; cell < groupsOf.length; cell++) {
      for (int group : groupsOf[cell]) {
        rows.get(group).add(cell);
      }
    }
    int[][] all =
        rows.stream()
            .map(some -> some.stream().mapToInt(row -> row).toArray())
            .toArray(int[][]::new);
    return groupsOf.length == layer.inputs() && distinct(all).size() == layer.inputs() ? all : null;
  }

  /** Each set of inputs once: positions that only go together have the same. */
  static Set<List<Integer>> sets(int[][] rows) {
    Set<List<Integer>> sets = new LinkedHashSet<>();
    Arrays.stream(rows).forEach(some -> sets.add(Arrays.stream(some).boxed().toList()));
    return sets;
  }

  /** All inputs of all sets, if none is in two sets. */
  private static Set<Integer> distinct(int[][] rows) {
    Set<Integer> all = new LinkedHashSet<>();
    for (List<Integer> set : sets(rows)) {
      for (int row : set) {
        if (!all.add(row)) {
          return Set.of();
        }
      }
    }
    return all;
  }
}
