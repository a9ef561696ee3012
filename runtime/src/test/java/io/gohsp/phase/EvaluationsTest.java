package io.gohsp.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.calibration.SpreadHere;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.engine.Engine;
import io.gohsp.engine.OrtEngine;
import io.gohsp.ir.Model;
import io.gohsp.train.Agreement;
import io.gohsp.train.Evaluation;
import io.gohsp.train.Evaluator;
import io.gohsp.train.Objective;
import io.gohsp.train.Supervision;
import io.gohsp.train.Teacher;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Others come to the very numbers that this process does. */
class EvaluationsTest {
  private static final int BATCH = 64;
  private static final Model DENSE =
      VitBuilder.build(new VitArchitecture(8, 1, 4, 16, 1, 2, 16, 10), 1);
  private static final Model OTHER =
      VitBuilder.build(new VitArchitecture(8, 1, 4, 16, 1, 2, 16, 10), 2);

  /** Three shards, the last one with the rest. */
  private static Calibration held(int classes) {
    return RandomArrays.of(DENSE.graph().inputs().get(0).name(), List.of(1, 8, 8), 220, classes)
        .calibration(Calibration.BATCH);
  }

  private final SpreadHere none = new SpreadHere(held(0), held(0));
  private final SpreadHere some = new SpreadHere(held(10), held(10));

  private static Evaluations on(Calibration held) {
    return new Evaluations(held, new OrtEngine(held.options()), BATCH);
  }

  private static Samples samples(Calibration held) {
    return held.samples().apply(ModelInputs.of(DENSE));
  }

  @Test
  void againstLabels() {
    Evaluator here = new Evaluator(Objective.given(OTHER), samples(held(10)), BATCH);

    Evaluation found = on(held(10).spread(some)).of(OTHER, here, null);

    assertThat(found).isEqualTo(on(held(10)).of(OTHER, here, null));
    assertThat(found.accuracy()).isBetween(1e-9, 1 - 1e-9);
    assertThat(some.parts()).isEqualTo(2);
  }

  @Test
  void againstATeacher() {
    Engine engine = new OrtEngine(held(0).options());
    try (Teacher teacher = Supervision.STANDARD.teacher(DENSE, engine, null)) {
      Objective objective = Supervision.STANDARD.objective(OTHER, false, teacher);
      Evaluator here = new Evaluator(objective, samples(held(0)), BATCH);
      Evaluations elsewhere = on(held(0).spread(none));

      Evaluation found = elsewhere.of(OTHER, here, DENSE);

      assertThat(found).isEqualTo(on(held(0)).of(OTHER, here, DENSE));
      assertThat(found.loss()).isPositive();
      assertThat(elsewhere.of(DENSE, here, DENSE)).isEqualTo(new Evaluation(0, 1, 220, false));
      assertThat(none.parts()).isEqualTo(4);
    }
  }

  @Test
  void agreementOfTwoModels() {
    Engine engine = new OrtEngine(held(0).options());
    Agreement.First first = new Agreement.First(DENSE, samples(held(0)), BATCH, engine, null);

    Agreement found = on(held(0).spread(none)).of(OTHER, first, DENSE);

    assertThat(found).isEqualTo(on(held(0)).of(OTHER, first, DENSE));
    assertThat(found.divergence()).isPositive();
    assertThat(none.parts()).isEqualTo(2);
  }
}
