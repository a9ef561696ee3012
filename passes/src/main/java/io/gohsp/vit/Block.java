package io.gohsp.vit;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One block of a transformer; either part may be missing.
 *
 * @param name "block 0", "block 1" … in the order of the graph
 */
public record Block(String name, @Nullable AttentionPart attention, @Nullable MlpPart mlp) {
  /** What the block is called that {@code index} others are in front of. */
  public static String nameOf(int index) {
    return "block " + index;
  }

  /** Heads, query-key columns, value columns and neurons, as far as the block has them. */
  public Stream<PrunableAxis> axes() {
    return each().filter(Objects::nonNull);
  }

  /** Heads, query-key columns, value columns and neurons; 0 of what the block does not have. */
  public List<Integer> sizes() {
    return each().map(axis -> axis == null ? 0 : axis.size()).toList();
  }

  private Stream<@Nullable PrunableAxis> each() {
    return Stream.of(
        attention == null ? null : attention.heads(),
        attention == null ? null : attention.qk(),
        attention == null ? null : attention.v(),
        mlp == null ? null : mlp.neurons());
  }
}
