package io.gohsp.selection;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What options and wishes say of single choices. */
record Asked(Choices choices, SelectionOptions options) {
  /** Positions that stay at least; of several wishes the largest. */
  int floor(Choice choice) {
    if (isDropped(choice)) {
      return 0;
    }
    return floor(choice, choice.kinds());
  }

  private int floor(Choice choice, Set<GroupKind> kinds) {
    int largest = 0;
    for (Choice.Member member : choice.members()) {
      String block = choices.blocks().get(member.block()).name();
      for (GroupKind kind : kinds) {
        Integer floor = BlockWish.floor(options.wishes(), block, kind);
        largest = Math.max(largest, floor == null ? options.floors().of(kind) : floor);
      }
    }
    return largest;
  }

  /** Whether a budget may take a whole branch: a single head may go with its columns. */
  boolean mayLoseAll(Choice choice) {
    return choice.kind().isColumns()
        ? floor(choice) == 1 && floor(choice, Set.of(GroupKind.HEADS)) == 0
        : floor(choice) == 0;
  }

  /** The share asked for; of two for what is one choice, the larger. */
  @Nullable Share share(Choice choice) {
    Share wished = wish(choice);
    if (wished != null) {
      return wished;
    }
    int size = choice.members().get(0).axis().size();
    Share largest = null;
    for (GroupKind kind : choice.kinds()) {
      Share share = options.share(kind);
      if (share != null && (largest == null || share.of(size) > largest.of(size))) {
        largest = share;
      } else if (share == null && options.budget() == null) {
        return null; // one of the two is to keep everything
      }
    }
    return largest;
  }

  /** What is wished for its blocks; of several the largest. */
  @Nullable Share wish(Choice choice) {
    if (choice.kind().isColumns() && choice.isBranch() && dropsHeads(choice)) {
      return Share.NONE;
    }
    Share largest = null;
    for (Choice.Member member : choice.members()) {
      String block = choices.blocks().get(member.block()).name();
      Share wish = BlockWish.share(options.wishes(), block, member.kind());
      int size = member.axis().size();
      if (wish != null && (largest == null || wish.of(size) > largest.of(size))) {
        largest = wish;
      }
    }
    return largest;
  }

  /** Whether all of a choice is to go, its branch with it. */
  boolean isDropped(Choice choice) {
    return share(choice) instanceof Share.None;
  }

  private boolean dropsHeads(Choice choice) {
    return choice.members().stream()
        .allMatch(member -> dropsHeads(choices.blocks().get(member.block()).name()));
  }

  /** Whether a block is to lose its attention. */
  boolean dropsHeads(String block) {
    return BlockWish.share(options.wishes(), block, GroupKind.HEADS) instanceof Share.None;
  }
}
