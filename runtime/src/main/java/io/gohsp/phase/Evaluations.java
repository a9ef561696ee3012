package io.gohsp.phase;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Spread;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.engine.Engine;
import io.gohsp.engine.OrtEngine;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.train.Agreement;
import io.gohsp.train.Evaluation;
import io.gohsp.train.Evaluator;
import io.gohsp.train.Objective;
import io.gohsp.train.Teacher;
import io.gohsp.workers.Shards;
import io.gohsp.workers.SharedBytes;
import org.jspecify.annotations.Nullable;

/**
 * How well models do on the validation part, measured by whoever sees it: this process, or others,
 * whose sums over shards are the same to the byte.
 *
 * @param held the validation part
 * @param engine what executes evaluation; only ONNX Runtime does so elsewhere
 * @param batch samples in a run
 */
public record Evaluations(Calibration held, Engine engine, int batch) {
  /**
   * Of a model.
   *
   * @param here measures it in this process
   * @param teacher what is right where there are no labels; null if there are
   */
  public Evaluation of(Model model, Evaluator here, @Nullable Model teacher) {
    Spread spread = elsewhere(teacher);
    if (spread == null) {
      return model == teacher ? here.evaluateTeacher(model, engine) : here.evaluate(model, engine);
    }
    try (@Nullable SharedBytes taught = teacher == null ? null : share(spread, teacher)) {
      return here.evaluate(
          model, engine, Spread.shards(held, model, new Evaluating(batch, taught)));
    }
  }

  /**
   * Of a model's agreement with another.
   *
   * @param here compares both in this process
   */
  public Agreement of(Model model, Agreement.First here, Model first) {
    Spread spread = elsewhere(first);
    if (spread == null) {
      return here.with(model);
    }
    try (SharedBytes shared = share(spread, first)) {
      return here.with(model, Spread.shards(held, model, new Agreeing(batch, shared)));
    }
  }

  private @Nullable Spread elsewhere(@Nullable Model other) {
    return engine instanceof OrtEngine && (other == null || Spread.canSend(other))
        ? held.spread()
        : null;
  }

  private static SharedBytes share(Spread spread, Model model) {
    return spread.share(OnnxWriter.toBytes(model));
  }

  private static Samples samples(Calibration all, Model model) {
    return all.samples().apply(ModelInputs.of(model));
  }

  /** What an {@link Evaluator} adds up. */
  private record Evaluating(int batch, @Nullable SharedBytes taught) implements Spread.Summing {
    @Override
    public Shards.Summing of(Model model, Calibration all) {
      Engine engine = new OrtEngine(all.options());
      return (from, to) -> {
        try (@Nullable Teacher teacher = teacher(all, engine)) {
          Objective objective =
              teacher == null
                  ? Objective.given(model)
                  : Objective.of(model, false, false, 0, teacher, Objective.Distillation.STANDARD);
          return new Evaluator(objective, samples(all, model), batch)
              .summing(model, engine)
              .sums(from, to);
        }
      };
    }

    private @Nullable Teacher teacher(Calibration all, Engine engine) {
      if (taught == null) {
        return null;
      }
      Model model = OnnxReader.read(taught.bytes(), null);
      return Teacher.of(model, model, Objective.taught(model), engine, all.tokens(model));
    }
  }

  /** What an {@link Agreement} adds up. */
  private record Agreeing(int batch, SharedBytes first) implements Spread.Summing {
    @Override
    public Shards.Summing of(Model model, Calibration all) {
      Model one = OnnxReader.read(first.bytes(), null);
      return Agreement.summing(
          one, model, samples(all, one), batch, new OrtEngine(all.options()), all.mask());
    }
  }
}
