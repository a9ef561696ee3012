package io.gohsp.normalize;

import io.gohsp.autodiff.TiedParameters;
import io.gohsp.basis.BasisAnalysis;
import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.stream.Streams;
import io.gohsp.zero.DeadUnits;

/** All that is found out about a model before anything is decided. */
final class Inspection {
  private Inspection() {}

  static void of(Model model) {
    WorkingModel working = WorkingModel.normalized(model);
    DeadUnits.of(working);
    Streams.of(working);
    BasisAnalysis.of(working);
    CostModel.of(model);
    TiedParameters.of(model);
  }
}
