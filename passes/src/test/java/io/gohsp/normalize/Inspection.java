package io.gohsp.normalize;

import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.zero.DeadUnits;

/** All that is found out about a model before anything is decided. */
final class Inspection {
  private Inspection() {}

  static void of(Model model) {
    DeadUnits.of(WorkingModel.normalized(model));
    CostModel.of(model);
  }
}
