package io.gohsp.cli;

import io.gohsp.calibration.Calibration;

/** A command that looks at calibration samples, which other processes may see as well. */
interface Calibrating {
  /** The samples, made ready as the command does; they stay open as long as the process lives. */
  Calibration calibration();
}
