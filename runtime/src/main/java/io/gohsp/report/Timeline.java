package io.gohsp.report;

import io.gohsp.pipeline.PruningPipeline.Phase;
import java.util.ArrayList;
import java.util.List;

/** Phases one after the other: each counts its updates from zero, a chart counts on. */
final class Timeline {
  /** What {@link io.gohsp.pipeline.PruningPipeline} calls its phases. */
  private static final String SOFT = "soft";

  private static final String TUNE = "tune";

  private Timeline() {}

  /**
   * A phase's place.
   *
   * @param start updates made before it
   * @param end updates made until it ended
   */
  record Span(String name, long start, long end, Phase phase) {}

  static List<Span> of(List<Phase> phases) {
    List<Span> spans = new ArrayList<>();
    long start = 0;
    for (Phase phase : phases) {
      long end = start + phase.training().steps();
      spans.add(new Span(phase.name(), start, end, phase));
      start = end;
    }
    return spans;
  }

  /** When the model was cut: after the soft phase, before the tuning; NaN if there is neither. */
  static double cut(List<Span> spans) {
    for (Span span : spans) {
      if (span.name().equals(SOFT)) {
        return span.end();
      }
      if (span.name().equals(TUNE)) {
        return span.start();
      }
    }
    return Double.NaN;
  }
}
