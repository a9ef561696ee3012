package io.gohsp.cli;

import io.gohsp.calibration.Calibration;

/** A command that looks at samples, which other processes may see as well. */
interface Calibrating {
  /**
   * Samples, made ready as a command does.
   *
   * @param calibration those it calibrates on
   * @param validation those it measures accuracy on
   */
  record Seen(Calibration calibration, Calibration validation) {}

  /** The samples; they stay open as long as the process lives. */
  Seen seen();
}
