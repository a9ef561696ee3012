package io.gohsp.workers;

import java.io.Serializable;

/**
 * Bytes that many tasks hold: they travel to each process once, and not with each task. Whoever
 * shared them closes them when no task needs them any more.
 */
public interface SharedBytes extends Serializable, AutoCloseable {
  /** The bytes themselves, not to be written to. */
  byte[] bytes();

  @Override
  void close();

  /** Bytes that need not travel. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Here(byte[] bytes) implements SharedBytes {
    @Override
    public void close() {}
  }
}
