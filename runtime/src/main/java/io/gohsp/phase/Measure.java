package io.gohsp.phase;

import io.gohsp.ir.Model;
import io.gohsp.train.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * How well the original does.
 *
 * @param known from an earlier run on the same terms; null to measure it
 */
public record Measure(@Nullable Evaluation known) implements Phase<Model, Evaluation> {
  @Override
  public Part part() {
    return Part.ORIGINAL;
  }

  @Override
  public Evaluation run(Model original, Run run) {
    Evaluation dense = known == null ? run.evaluate(original) : known;
    run.listener().dense(dense);
    return dense;
  }
}
