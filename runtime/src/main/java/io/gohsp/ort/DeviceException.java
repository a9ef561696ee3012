package io.gohsp.ort;

/**
 * A device was asked for that does not exist or cannot be used here: a mistake of usage, not of the
 * model.
 */
public final class DeviceException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
