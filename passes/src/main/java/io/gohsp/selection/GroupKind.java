package io.gohsp.selection;

import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.MlpPart;
import io.gohsp.vit.PrunableAxis;
import org.jspecify.annotations.Nullable;

/** The kinds of groups that pruning removes. Scores of different kinds are never compared. */
public enum GroupKind {
  HEADS("heads"),
  QK("query-key columns"),
  V("value columns"),
  NEURONS("neurons");

  private final String label;

  GroupKind(String label) {
    this.label = label;
  }

  /** The name, for messages. */
  public String label() {
    return label;
  }

  /** The part of a block that has such groups, for messages. */
  String part() {
    return this == NEURONS ? "MLP" : "attention";
  }

  /** Whether a block has that part. */
  boolean isIn(Block block) {
    return this == NEURONS ? block.mlp() != null : block.attention() != null;
  }

  /** The axis of a block that counts such groups; null if it has none, or none was found. */
  @Nullable PrunableAxis axis(Block block) {
    AttentionPart attention = block.attention();
    MlpPart mlp = block.mlp();
    return switch (this) {
      case HEADS -> attention == null ? null : attention.heads();
      case QK -> attention == null ? null : attention.qk();
      case V -> attention == null ? null : attention.v();
      case NEURONS -> mlp == null ? null : mlp.neurons();
    };
  }

  boolean isColumns() {
    return this == QK || this == V;
  }
}
