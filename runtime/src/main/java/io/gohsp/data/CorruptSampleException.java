package io.gohsp.data;

/** One sample cannot be decoded; the others may be fine. */
public final class CorruptSampleException extends Exception {
  private static final long serialVersionUID = 1L;

  public CorruptSampleException(String reason) {
    super(reason);
  }

  CorruptSampleException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
