package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Spread;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.linear.Correctable;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.recover.NormalEquations.Correction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of the samples on its way through both models, in a process that is asked layer by layer.
 * It stays until another sweep begins here.
 */
final class SweepPart {
  private static final Map<Integer, SweepPart> PARTS = new HashMap<>();

  private final String id;
  private final Model changing;
  private final Sweep sweep;
  private int done;
  private String asked = "";
  private List<double[]> answer = List.of();

  private SweepPart(SweepSums.Run run, Calibration all, int part, int parts) {
    id = run.id();
    changing = OnnxReader.read(run.changing().bytes(), null);
    sweep =
        Sweep.part(
            OnnxReader.read(run.dense().bytes(), null),
            changing,
            run.layers(),
            Spread.part(all, part, parts, run.batches(), run.batch()),
            run.batches(),
            Spread.first(part, parts, run.batches()),
            parts);
  }

  /** The part as far as it has come in this process. */
  static SweepPart of(SweepSums.Run run, Calibration all, int part, int parts) {
    synchronized (PARTS) {
      PARTS.values().removeIf(other -> other.isOver(run.id()));
      return PARTS.computeIfAbsent(part, number -> new SweepPart(run, all, number, parts));
    }
  }

  private boolean isOver(String next) {
    if (id.equals(next)) {
      return false;
    }
    sweep.close();
    return true;
  }

  /**
   * The sums of a layer.
   *
   * @param before all layers that were compared before it
   */
  synchronized List<double[]> sums(List<SweepSums.Done> before, String layer) {
    for (SweepSums.Done step : before.subList(done, before.size())) {
      compare(step.layer());
      if (step.correction() != null) {
        Correction correction = Correction.of(step.correction().bytes());
        correctable(step.layer()).add(correction.weight(), correction.bias());
      }
      sweep.advance();
      done++;
    }
    compare(layer);
    return answer;
  }

  /** Also of layers whose sums nobody needs any more: the samples come behind them on this way. */
  private void compare(String layer) {
    if (!asked.equals(layer)) {
      answer = sweep.errors(correctable(layer)).sums();
      asked = layer;
    }
  }

  private Correctable correctable(String layer) {
    return Correctable.of(ErrorGraph.producer(changing, layer));
  }
}
