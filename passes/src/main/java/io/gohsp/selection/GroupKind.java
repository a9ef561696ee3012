package io.gohsp.selection;

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

  boolean isColumns() {
    return this == QK || this == V;
  }
}
