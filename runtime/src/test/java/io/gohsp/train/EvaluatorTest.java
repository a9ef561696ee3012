package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.calibration.DamagedArrays;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.DataException;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private static final int SAMPLES = 37; // the last batch is not full

  private static Objective taught(Model student, Teacher teacher) {
    return Objective.of(student, false, false, 0, teacher, Objective.Distillation.STANDARD);
  }

  /** The teacher is right, and what it says of each sample is what it would say again. */
  @Test
  void theTeacherIsAskedOnce() {
    Model dense = Runs.tiny();
    Model other = VitBuilder.build(new VitArchitecture(8, 1, 4, 16, 1, 2, 16, 10), 2);
    Value input = dense.graph().inputs().get(0);
    Samples samples =
        RandomArrays.of(
                input.name(),
                RandomArrays.sampleDims(Objects.requireNonNull(input.type())),
                SAMPLES,
                0)
            .calibration(1)
            .samples()
            .apply(ModelInputs.of(dense));
    Evaluation right;
    Evaluator evaluator;
    try (Teacher teacher = Teacher.of(dense, dense, Objective.taught(dense), Runs.engine())) {
      evaluator = new Evaluator(taught(dense, teacher), samples, 64);
      right = evaluator.evaluateTeacher(dense, Runs.engine());
      evaluator = evaluator.with(taught(other, teacher));
    }
    Evaluation again = evaluator.evaluate(other, Runs.engine()); // there is nobody to ask any more
    assertThat(right).isEqualTo(new Evaluation(0, 1, SAMPLES, false));
    Evaluation alone;
    try (Teacher teacher = Teacher.of(dense, other, Objective.taught(other), Runs.engine())) {
      alone = new Evaluator(taught(other, teacher), samples, 64).evaluate(other, Runs.engine());
    }
    assertThat(again).isEqualTo(alone);
    assertThat(again.loss()).isPositive();
    assertThat(again.samples()).isEqualTo(SAMPLES);
  }

  /** Few enough to be left out, but then there is nothing to measure on. */
  @Test
  void samplesOfWhichNoneCanBeReadAreNoResult() {
    Model model = Runs.tiny();
    String input = model.graph().inputs().get(0).name();
    RandomArrays rows = RandomArrays.of(input, List.of(1, 8, 8), 2, 10);
    Samples samples = Samples.of(new DamagedArrays(rows, Set.of(0, 1)), ModelInputs.of(model));
    Evaluator evaluator = new Evaluator(Runs.labels(model), samples, 8);

    assertThatThrownBy(() -> evaluator.evaluate(model, Runs.engine()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no sample could be read: row 0: " + input + " holds NaN");
    assertThatThrownBy(() -> Agreement.of(model, model, samples, 8, Runs.engine(), null))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no sample could be read");
  }

  /** Eleven neighbours of 1,200, all in the first shard. */
  @Test
  void damagedNeighboursAreFewIfTheyAreFewOfAll() {
    Model model = Runs.tiny();
    String input = model.graph().inputs().get(0).name();
    Set<Integer> damaged = IntStream.range(5, 16).boxed().collect(Collectors.toSet());
    Samples samples =
        Samples.of(
            new DamagedArrays(RandomArrays.of(input, List.of(1, 8, 8), 1200, 10), damaged),
            ModelInputs.of(model));
    assertThat(new Evaluator(Runs.labels(model), samples, 64).evaluate(model, Runs.engine()))
        .extracting(Evaluation::samples)
        .isEqualTo(1189);
    assertThat(Agreement.of(model, model, samples, 64, Runs.engine(), null).samples())
        .isEqualTo(1189);
  }
}
