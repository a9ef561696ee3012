package io.gohsp.data;

/** What happens to the samples that do not fill a batch at the end of an epoch. */
public enum LastBatch {
  /**
   * They are left out, so that every batch is full; a corrupt sample is replaced by another one.
   * For training: which ones they are changes with the epoch.
   */
  DROP,
  /**
   * The batch is shorter. For measuring with models whose batch size is open: every sample counts
   * once.
   */
  KEEP,
  /**
   * The batch is full, the rows beyond {@link Batch#size()} are copies of its last sample with
   * label -1. For measuring with models whose batch size is fixed: every sample counts once.
   */
  PAD
}
