package io.gohsp.selection;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What some blocks are to keep, whatever is said of all. Of several wishes that a block matches the
 * first that says something of a kind counts.
 *
 * @param blocks their names
 * @param shares how many stay of each kind, the budget being met with the rest
 * @param floors how many stay at least
 */
public record BlockWish(
    Exclusion blocks, Map<GroupKind, Share> shares, Map<GroupKind, Integer> floors) {
  public BlockWish {
    shares = ordered(shares);
    floors = ordered(floors);
  }

  private static <V> Map<GroupKind, V> ordered(Map<GroupKind, V> map) {
    Map<GroupKind, V> ordered = new EnumMap<>(GroupKind.class);
    ordered.putAll(map);
    return Collections.unmodifiableMap(ordered);
  }

  /** Of which it says something. */
  Set<GroupKind> kinds() {
    Set<GroupKind> kinds = EnumSet.noneOf(GroupKind.class);
    kinds.addAll(shares.keySet());
    kinds.addAll(floors.keySet());
    return kinds;
  }

  /** What a block keeps of a kind; null if no wish says it. */
  static @Nullable Share share(List<BlockWish> wishes, String block, GroupKind kind) {
    return wishes.stream()
        .filter(wish -> wish.blocks.matches(block) && wish.shares.containsKey(kind))
        .map(wish -> wish.shares.get(kind))
        .findFirst()
        .orElse(null);
  }

  /** What a block keeps of a kind at least; null if no wish says it. */
  static @Nullable Integer floor(List<BlockWish> wishes, String block, GroupKind kind) {
    return wishes.stream()
        .filter(wish -> wish.blocks.matches(block) && wish.floors.containsKey(kind))
        .map(wish -> wish.floors.get(kind))
        .findFirst()
        .orElse(null);
  }

  /** Such as {@code block 3 {heads=4} at least {neurons=16}}. */
  @Override
  public String toString() {
    return blocks
        + (shares.isEmpty() ? "" : " " + text(shares))
        + (floors.isEmpty() ? "" : " at least " + text(floors));
  }

  private static String text(Map<GroupKind, ?> numbers) {
    return numbers.toString().toLowerCase(Locale.ROOT);
  }
}
