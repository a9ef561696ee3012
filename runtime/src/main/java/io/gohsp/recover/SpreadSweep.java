package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Spread;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.linear.Correctable;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.linear.TokenMask;
import io.gohsp.workers.SharedBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A sweep whose samples are in other processes, each part in a {@link SweepPart} that stays there
 * from layer to layer. What goes there is the correction of the layer before; what comes back is
 * sums. Both models travel once.
 */
final class SpreadSweep implements LayerErrors {
  private final Spread spread;
  private final Calibration calibration;
  private final Model dense;
  private final Model changing;
  private final @Nullable TokenMask mask;
  private final SweepSums.Run run;
  private final List<SweepSums.Done> done = new ArrayList<>();
  private String compared = "";
  private NormalEquations.@Nullable Correction correction;

  SpreadSweep(
      Spread spread, Model dense, Model changing, List<String> layers, Calibration calibration) {
    this.spread = spread;
    this.calibration = calibration;
    this.dense = dense;
    this.changing = changing;
    this.mask = calibration.tokens(dense);
    this.run =
        new SweepSums.Run(
            UUID.randomUUID().toString(),
            spread.share(OnnxWriter.toBytes(dense)),
            spread.share(OnnxWriter.toBytes(changing)),
            List.copyOf(layers),
            calibration.wholeBatches(dense),
            calibration.batch(dense));
  }

  @Override
  public NormalEquations errors(Correctable layer) {
    // What cannot be compared is told here.
    ErrorGraph.of(dense, changing, layer, mask == null ? null : mask.input(), run.batches());
    compared = layer.output().name();
    correction = null;
    NormalEquations equations = new NormalEquations(layer.inputs(), layer.outputs());
    equations.add(
        spread.added(
            new SweepSums(run, List.copyOf(done), compared),
            calibration,
            Spread.parts(run.batches())));
    return equations;
  }

  @Override
  public void correct(Correctable layer, NormalEquations.Correction change) {
    layer.add(change.weight(), change.bias());
    correction = change;
  }

  @Override
  public void advance() {
    SharedBytes sent = correction == null ? null : spread.share(correction.bytes());
    done.add(new SweepSums.Done(compared, sent));
  }

  @Override
  public void close() {
    for (SweepSums.Done step : done) {
      if (step.correction() != null) {
        step.correction().close();
      }
    }
    run.dense().close();
    run.changing().close();
  }
}
