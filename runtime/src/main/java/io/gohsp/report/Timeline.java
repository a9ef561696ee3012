package io.gohsp.report;

import io.gohsp.phase.Soften;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.phase.Tune;
import java.util.ArrayList;
import java.util.List;

/** Phases one after the other: each counts its updates from zero, a chart counts on. */
final class Timeline {
  private Timeline() {}

  /**
   * A phase's place.
   *
   * @param start updates made before it
   * @param end updates made until it ended
   */
  record Span(String name, long start, long end, TrainedPhase phase) {}

  static List<Span> of(List<TrainedPhase> phases) {
    List<Span> spans = new ArrayList<>();
    long start = 0;
    for (TrainedPhase phase : phases) {
      long end = start + phase.training().steps();
      spans.add(new Span(phase.name(), start, end, phase));
      start = end;
    }
    return spans;
  }

  /** When the model was cut: after the soft phase, before the tuning; NaN if there is neither. */
  static double cut(List<Span> spans) {
    for (Span span : spans) {
      if (span.name().equals(Soften.NAME)) {
        return span.end();
      }
      if (span.name().equals(Tune.NAME)) {
        return span.start();
      }
    }
    return Double.NaN;
  }
}
