package io.gohsp.method;

import java.util.List;

/** A method that needs no data, in a pipeline that has some: cut at once, then fine-tuned. */
public record OneShot(PruningMethod method, long seed) implements TrainedMethod {
  @Override
  public String name() {
    return method.name();
  }

  @Override
  public String description() {
    return method.description();
  }

  @Override
  public Findings study(Evidence evidence) {
    return new Findings(method.planner(evidence.working(), seed), List.of());
  }

  /** The same for every run: it is part of what tells runs apart. */
  @Override
  public String toString() {
    return name() + " with seed " + seed;
  }
}
