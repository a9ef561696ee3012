package io.gohsp.importance;

/** What is scaled when a group's sensitivity is asked for; see {@link SensitivityGraph}. */
public enum Measured {
  /** A gate of ones in front of the contraction that consumes the group: for each sample. */
  GATES,
  /** Every weight that goes when the group goes, on both sides: for the batch as a whole. */
  WEIGHTS
}
