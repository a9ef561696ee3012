package io.gohsp.selection;

import io.gohsp.vit.Block;

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

  boolean isColumns() {
    return this == QK || this == V;
  }
}
