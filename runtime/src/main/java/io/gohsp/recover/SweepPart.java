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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of the samples on its way through both models, in a process that is asked layer by layer.
 * It stays until another sweep begins here.
 */
final class SweepPart {
  private static final Map<Integer, SweepPart> PARTS = new HashMap<>();

  private final SweepSums.Run run;
  private final Calibration all;
  private final int part;
  private final int parts;

  /** Both null until sums are asked for: models and samples are read then. */
  private @Nullable Model changing;

  private @Nullable Sweep sweep;
  private boolean closed;
  private int done;
  private String asked = "";
  private List<double[]> answer = List.of();

  private SweepPart(SweepSums.Run run, Calibration all, int part, int parts) {
    this.run = run;
    this.all = all;
    this.part = part;
    this.parts = parts;
  }

  /**
   * @throws IllegalStateException if another run has begun since: a late task of one that is over
   */
  private Sweep sweep() {
    if (closed) {
      throw new IllegalStateException("the sweep of this part is over");
    }
    if (sweep == null) {
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
    return sweep;
  }

  /** The part as far as it has come in this process. */
  static SweepPart of(SweepSums.Run run, Calibration all, int part, int parts) {
    List<SweepPart> over;
    SweepPart found;
    synchronized (PARTS) { // and nothing that takes long: other parts begin at the same time
      over = PARTS.values().stream().filter(other -> !other.run.id().equals(run.id())).toList();
      PARTS.values().removeAll(over);
      found = PARTS.computeIfAbsent(part, number -> new SweepPart(run, all, number, parts));
    }
    over.forEach(SweepPart::close);
    return found;
  }

  private synchronized void close() {
    closed = true;
    if (sweep != null) {
      sweep.close();
    }
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
      sweep().advance();
      done++;
    }
    compare(layer);
    return answer;
  }

  /** Also of layers whose sums nobody needs any more: the samples come behind them on this way. */
  private void compare(String layer) {
    if (!asked.equals(layer)) {
      answer = sweep().errors(correctable(layer)).sums();
      asked = layer;
    }
  }

  private Correctable correctable(String layer) {
    return Correctable.of(ErrorGraph.producer(Objects.requireNonNull(changing), layer));
  }
}
