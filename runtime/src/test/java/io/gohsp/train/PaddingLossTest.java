package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.PaddedTexts;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import java.util.EnumSet;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said about padding is neither learned nor compared. */
class PaddingLossTest {
  /** FLOAT sums in another order. */
  private static final Offset<Double> ROUNDING = within(1e-5);

  /** What a loss, an evaluation and a comparison say. */
  private record Numbers(double loss, double evaluation, double difference) {}

  private static Numbers numbers(Model dense, Model pruned, PaddedTexts texts) {
    Samples samples = Samples.of(texts, ModelInputs.of(dense));
    try (Teacher teacher = Teacher.of(dense, pruned, Objective.taught(pruned), Runs.engine())) {
      Objective objective =
          Objective.of(pruned, false, false, 0, teacher, Objective.Distillation.STANDARD);
      double loss = 0;
      try (TrainableModel trainable = TrainableModel.of(pruned, objective, Runs.engine());
          Batches batches = Batches.of(samples, 2).open()) {
        Batch batch = Objects.requireNonNull(batches.next());
        loss = trainable.backward(batch).loss();
      }
      return new Numbers(
          loss,
          new Evaluator(objective, samples, 2).evaluate(pruned, Runs.engine()).loss(),
          Agreement.of(dense, pruned, samples, 2, Runs.engine(), null).relativeError());
    }
  }

  @ParameterizedTest
  @CsvSource({"hf_bert_eager_legacy, 9, 15", "hf_bert_static, 9, 9"})
  void paddingChangesNothing(String name, int tokens, int more) {
    Model dense = Fixture.of(name).model();
    PruningPlan plan =
        Cuts.halves(WorkingModel.normalized(dense).blocks(), EnumSet.allOf(Part.class), 11);
    Model pruned = Pruning.prune(dense, plan);
    Numbers one = numbers(dense, pruned, new PaddedTexts(dense, tokens, 1));
    Numbers other = numbers(dense, pruned, new PaddedTexts(dense, more, 2));
    assertThat(one.loss()).isPositive().isCloseTo(other.loss(), ROUNDING);
    assertThat(one.evaluation()).isPositive().isCloseTo(other.evaluation(), ROUNDING);
    assertThat(one.difference()).isPositive().isCloseTo(other.difference(), ROUNDING);
  }
}
