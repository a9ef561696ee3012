package io.gohsp.selection;

import org.jspecify.annotations.Nullable;

/** What options and wishes say of single choices. */
record Asked(Choices choices, SelectionOptions options) {
  /** Positions that stay at least; of several wishes the largest. */
  int floor(Choice choice) {
    if (isDropped(choice)) {
      return 0;
    }
    int standard = options.floors().of(choice.kind());
    return choice.members().stream()
        .map(
            member ->
                BlockWish.floor(
                    options.wishes(), choices.blocks().get(member.block()).name(), member.kind()))
        .mapToInt(floor -> floor == null ? standard : floor)
        .max()
        .orElse(standard);
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

  /** Whether a block is to lose its attention. */
  boolean dropsHeads(String block) {
    return BlockWish.share(options.wishes(), block, GroupKind.HEADS) instanceof Share.None;
  }
}
