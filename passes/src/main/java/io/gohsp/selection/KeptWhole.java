package io.gohsp.selection;

import io.gohsp.axis.Fixed;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A share that was asked for and of which nothing came, since what it is of cannot go.
 *
 * @param wished whether for single blocks, not for all
 * @param blocks of which all stays, by name
 * @param reason why, with the place in the model where there is one
 */
public record KeptWhole(
    GroupKind kind, Share asked, boolean wished, List<String> blocks, String reason) {
  private static final String UNTOLD = "its columns could not be told apart";
  private static final String TOGETHER =
      "query-key and value columns are one axis, and only one of both has a share";
  private static final String OTHERWISE =
      "other options (--align, --min-heads, --min-width, --min-neurons), or what it shares an axis"
          + " with, keep all of it";

  /** What one block was to lose. */
  private record Part(int block, GroupKind kind, Share asked, boolean wished) {}

  /**
   * All of a plan, in the order of kinds and blocks.
   *
   * @param shares what every block is to keep
   * @param wishes what some are to keep, whatever is said of all
   * @param exclude what is to stay as it is
   */
  public static List<KeptWhole> of(
      Model model,
      PruningPlan plan,
      Map<GroupKind, Share> shares,
      List<BlockWish> wishes,
      List<Exclusion> exclude) {
    List<Part> parts = new ArrayList<>();
    for (GroupKind kind : GroupKind.values()) {
      for (int i = 0; i < plan.blocks().size(); i++) {
        BlockPlan block = plan.blocks().get(i);
        Share wish = BlockWish.share(wishes, block.block(), kind);
        Share asked = wish == null ? shares.get(kind) : wish;
        if (asked != null
            && staysWhole(block, kind, asked)
            && exclude.stream().noneMatch(some -> some.keeps(block.block(), kind))) {
          parts.add(new Part(i, kind, asked, wish != null));
        }
      }
    }
    return parts.isEmpty() ? List.of() : explained(parts, WorkingModel.normalized(model), shares);
  }

  /** Whether a block has such groups, should lose some, and loses none. */
  private static boolean staysWhole(BlockPlan block, GroupKind kind, Share asked) {
    Integer size =
        switch (kind) {
          case HEADS -> block.heads();
          case QK -> block.qkWidth();
          case V -> block.vWidth();
          case NEURONS -> block.neurons();
        };
    Object kept =
        switch (kind) {
          case HEADS -> block.headsKept();
          case QK -> block.qkKept();
          case V -> block.vKept();
          case NEURONS -> block.neuronsKept();
        };
    if (kept != null || (kind != GroupKind.NEURONS && block.dropsAttention())) {
      return false;
    }
    return size == null ? kind.isColumns() && block.heads() != null : asked.of(size) < size;
  }

  private static List<KeptWhole> explained(
      List<Part> parts, WorkingModel working, Map<GroupKind, Share> shares) {
    Map<List<Object>, List<Part>> alike = new LinkedHashMap<>();
    Map<List<Object>, String> reasons = new LinkedHashMap<>();
    for (Part part : parts) {
      Block block = working.blocks().get(part.block());
      PrunableAxis axis = part.kind().axis(block);
      Fixed obstacle = axis == null ? null : axis.obstacle();
      String reason =
          axis == null
              ? UNTOLD
              : obstacle == null ? unlike(part, block, shares) : obstacle.reason();
      List<Object> key = List.of(part.kind(), part.asked(), part.wished(), reason);
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(part);
      reasons.putIfAbsent(key, reason + at(obstacle));
    }
    List<KeptWhole> all = new ArrayList<>();
    alike.forEach(
        (key, some) -> {
          Part first = some.get(0);
          List<String> names =
              some.stream().map(part -> working.blocks().get(part.block()).name()).toList();
          all.add(
              new KeptWhole(
                  first.kind(),
                  first.asked(),
                  first.wished(),
                  names,
                  Objects.requireNonNull(reasons.get(key))));
        });
    return all;
  }

  private static String unlike(Part part, Block block, Map<GroupKind, Share> shares) {
    AttentionPart attention = block.attention();
    boolean together =
        part.kind().isColumns()
            && attention != null
            && attention.columnsAreOneAxis()
            && shares.containsKey(GroupKind.QK) != shares.containsKey(GroupKind.V);
    return together ? TOGETHER : OTHERWISE;
  }

  private static String at(@Nullable Fixed obstacle) {
    if (obstacle == null || obstacle.node() == null) {
      return "";
    }
    Location where = obstacle.node().location();
    return where.node() == null ? "" : " (" + where.node() + ")";
  }
}
