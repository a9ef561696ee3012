package io.gohsp.selection;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The groups of one kind in one block, and which of them the elements of a tensor belong to. An
 * element belongs to a position if it stands there in every factor of the axis that its tensor has,
 * and to a row if it stands at that head likewise: what all heads share counts for each. Positions
 * that only go together have the same elements.
 *
 * @param axis the positions
 * @param heads what tells the rows apart; null if there is one row
 * @param rows one for each head, where columns are concerned
 * @param otherHeads factors of other blocks' heads: tensors that stand at these alone are other
 *     blocks', even where blocks share an axis of columns (by a common rotary table)
 */
public record BlockGroups(
    GroupKind kind,
    PrunableAxis axis,
    @Nullable PrunableAxis heads,
    int rows,
    Set<Factor> otherHeads) {

  /**
   * Those of all blocks, block by block; kinds that a block has no axis for are missing. Groups
   * that blocks have in common, as where weights are tied, are those of the first of them, so that
   * what goes with one counts once.
   */
  public static List<List<BlockGroups>> of(List<Block> blocks) {
    List<List<BlockGroups>> all = new ArrayList<>();
    Set<List<Object>> seen = new HashSet<>();
    for (Block block : blocks) {
      all.add(
          of(block, blocks).stream()
              .filter(
                  groups ->
                      groups.axis().factor() == null
                          || seen.add(
                              List.of(groups.kind(), groups.axis().layout(), headFactors(groups))))
              .toList());
    }
    return all;
  }

  private static List<Factor> headFactors(BlockGroups groups) {
    return groups.heads() == null ? List.of() : groups.heads().layout().factors().toList();
  }

  private static List<BlockGroups> of(Block block, List<Block> blocks) {
    List<BlockGroups> all = new ArrayList<>();
    Set<Factor> others = new LinkedHashSet<>();
    blocks.forEach(other -> others.addAll(headFactors(other)));
    others.removeAll(headFactors(block));
    AttentionPart attention = block.attention();
    if (attention != null) {
      PrunableAxis heads = attention.heads();
      add(GroupKind.HEADS, heads, null, 1, others, all);
      add(GroupKind.QK, attention.qk(), heads, attention.headCount(), others, all);
      add(GroupKind.V, attention.v(), heads, attention.headCount(), others, all);
    }
    if (block.mlp() != null) {
      add(GroupKind.NEURONS, block.mlp().neurons(), null, 1, others, all);
    }
    return all;
  }

  private static List<Factor> headFactors(Block block) {
    PrunableAxis heads = block.attention() == null ? null : block.attention().heads();
    return heads == null ? List.of() : heads.layout().factors().toList();
  }

  private static void add(
      GroupKind kind,
      @Nullable PrunableAxis axis,
      @Nullable PrunableAxis heads,
      int rows,
      Set<Factor> others,
      List<BlockGroups> all) {
    if (axis != null) {
      all.add(new BlockGroups(kind, axis, heads, rows, others));
    }
  }

  /** Number of groups. */
  public int count() {
    return rows * axis.size();
  }

  /** The factors that the positions are made of. */
  public Set<Factor> factors() {
    return new LinkedHashSet<>(axis.layout().factors().toList());
  }

  /**
   * The tensor's axes that tell positions or heads apart, rising; none if it has nothing to do with
   * these groups.
   */
  public List<Integer> involved(List<AxisLayout> axes) {
    List<Integer> involved = new ArrayList<>();
    Set<Factor> telling = factors();
    if (axes.stream().flatMap(AxisLayout::factors).noneMatch(telling::contains)) {
      return involved;
    }
    if (heads != null) {
      List<Factor> own = heads.layout().factors().toList();
      if (axes.stream().flatMap(AxisLayout::factors).noneMatch(own::contains)
          && axes.stream().flatMap(AxisLayout::factors).anyMatch(otherHeads::contains)) {
        return involved;
      }
      telling.addAll(own);
    }
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i).factors().anyMatch(telling::contains)) {
        involved.add(i);
      }
    }
    return involved;
  }

  /**
   * For each cell of some axes of a tensor the groups it belongs to, as {@code row · positions +
   * position}, rising. Where a factor stands on several axes, as heads do where the stream is made
   * up of heads, too, the axes that have everything tell: a weight that leads from columns of heads
   * to such a stream belongs to the heads it comes from. Where several have everything, a cell
   * belongs to what each of them says.
   *
   * @param axes the layouts of the tensor's axes
   * @param chosen the axes that cells run over, row-major; of known size
   */
  public int[][] groupsOfCells(List<AxisLayout> axes, List<Integer> chosen) {
    int cells =
        chosen.stream()
            .mapToInt(i -> Math.toIntExact(axes.get(i).size().value()))
            .reduce(1, Math::multiplyExact);
    List<Integer> whole = chosen.stream().filter(i -> hasAll(axes.get(i), axes, chosen)).toList();
    if (whole.isEmpty()) {
      return groupsOfCells(axes, chosen, chosen, cells);
    }
    int[][] groups = groupsOfCells(axes, chosen, List.of(whole.get(0)), cells);
    for (int i : whole.subList(1, whole.size())) {
      int[][] more = groupsOfCells(axes, chosen, List.of(i), cells);
      for (int cell = 0; cell < cells; cell++) {
        groups[cell] = union(groups[cell], more[cell]);
      }
    }
    return groups;
  }

  /** Whether an axis has every factor of these groups that any of the axes has. */
  private boolean hasAll(AxisLayout axis, List<AxisLayout> axes, List<Integer> chosen) {
    Set<Factor> here = new LinkedHashSet<>(axis.factors().toList());
    Set<Factor> own = factors();
    if (heads != null) {
      own.addAll(heads.layout().factors().toList());
    }
    return chosen.stream()
        .flatMap(i -> axes.get(i).factors())
        .filter(own::contains)
        .allMatch(here::contains);
  }

  private static int[] union(int[] a, int[] b) {
    return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).sorted().distinct().toArray();
  }

  private int[][] groupsOfCells(
      List<AxisLayout> axes, List<Integer> chosen, List<Integer> telling, int cells) {
    Positions positions = Positions.of(axis, axes, chosen, telling);
    Positions rowsOf = heads == null ? null : Positions.of(heads, axes, chosen, telling);
    int[] everyRow = new int[rows];
    Arrays.setAll(everyRow, row -> row);
    int[][] groups = new int[cells][];
    for (int cell = 0; cell < cells; cell++) {
      int[] here = positions.at(cell);
      int[] in = rowsOf == null ? everyRow : rowsOf.at(cell);
      in = in.length == 0 ? everyRow : in; // stands at no head: all share it
      groups[cell] = new int[here.length * in.length];
      for (int i = 0; i < groups[cell].length; i++) {
        groups[cell][i] = in[i / here.length] * axis.size() + here[i % here.length];
      }
    }
    return groups;
  }
}
