package io.gohsp.phase;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.Preparation;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;

/**
 * What is pruned, on what.
 *
 * @param original the model, which is not changed
 * @param splits what is trained, validated and calibrated on
 * @param preparation makes their samples ready for a model
 * @param calibration makes the calibration part ready
 * @param engine what executes training
 */
public record Material(
    Model original,
    Splits splits,
    Preparation preparation,
    Calibration calibration,
    Engine engine) {
  /** The validation part, seen by whoever sees the calibration part. */
  Calibration held() {
    return calibration.validating(preparation, splits);
  }

  /** Whether samples say which class they are of. */
  public boolean isLabelled() {
    return splits.train().isLabelled();
  }
}
