package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.gohsp.calibration.DamagedArrays;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.DataException;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.NamedArrays;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import io.gohsp.workers.Shards;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.Random;
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

  /** Sequences of three tokens with the weights by which they are averaged, ones. */
  private record WeightedTokens(int size) implements NamedArrays {
    @Override
    public List<Field> fields() {
      return List.of(
          new Field("x", ElementType.FLOAT, List.of(3, 2)),
          new Field("mask", ElementType.FLOAT, List.of(3, 1)));
    }

    @Override
    public ByteBuffer row(int index, int field) {
      Random random = new Random(index);
      int elements = fields().get(field).elements();
      ByteBuffer row = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < elements; i++) {
        row.putFloat(field == 1 ? 1 : (float) random.nextGaussian());
      }
      return row.flip();
    }

    @Override
    public boolean isLabelled() {
      return false;
    }

    @Override
    public int label(int index) {
      return -1;
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public String name(int index) {
      return "tokens " + index;
    }
  }

  private static Model weightedMean(String weights) {
    return OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        mean (float[B,3,2] x, float[B,3,1] mask) => (float[B,4] y)
        <float[2,4] w = {%s}, int64[1] tokens = {1}>
        {
          weighted = Mul(x, mask)
          sum = ReduceSum<keepdims = 0>(weighted, tokens)
          count = ReduceSum<keepdims = 0>(mask, tokens)
          mean = Div(sum, count)
          y = MatMul(mean, w)
        }
        """
            .formatted(weights));
  }

  /** The mean over no tokens is NaN, so that rows of zeros would be no samples. */
  @Test
  void rowsThatFillUpABatchAreLikeSamples() {
    Model dense = weightedMean("1, 2, -3, 4, 5, -6, 7, 8");
    Model student = weightedMean("1, 2, -3, 4, 5, -6, 7, 9");
    Samples samples = Samples.of(new WeightedTokens(SAMPLES), ModelInputs.of(student));
    try (Teacher teacher = Teacher.of(dense, student, Objective.taught(student), Runs.engine());
        TrainableModel training =
            TrainableModel.of(student, taught(student, teacher), Runs.engine())) {
      Objective objective = taught(student, teacher);
      Evaluation filled =
          new Evaluator(objective, samples, 8)
              .evaluate(
                  inputs -> training.forward(training.store().weights(), inputs), Shards.HERE);
      Evaluation kept = new Evaluator(objective, samples, 8).evaluate(student, Runs.engine());
      assertThat(filled.samples()).isEqualTo(SAMPLES);
      assertThat(filled.loss()).isPositive();
      assertThat(filled.loss())
          .as("but for the rounding of products of another number of rows")
          .isCloseTo(kept.loss(), withinPercentage(1e-4));
      assertThat(filled.accuracy()).isEqualTo(kept.accuracy());
    }
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
