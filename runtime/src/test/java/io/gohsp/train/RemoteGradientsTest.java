package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.data.Augmentation;
import io.gohsp.data.DataException;
import io.gohsp.data.Position;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Gradients that replicas compute, here in this process. */
class RemoteGradientsTest {
  /** 44 samples are 5 batches of 8, so that an update of 3 has batches of two epochs. */
  private static final Recipe RECIPE =
      new Recipe(
          2,
          2,
          0,
          8,
          3,
          5e-3,
          Schedule.COSINE,
          2,
          OptimizerSettings.AdamW.withDecay(0.05),
          1,
          0,
          Recipe.Keep.LAST,
          5);

  private final List<List<Position>> asked = new ArrayList<>();

  private static Samples samples(Model model) {
    return Runs.digits(model, 0, 44, new Augmentation(true, 1, null, 0));
  }

  /** Three shards, the last one with the rest. */
  private static Samples held(Model model) {
    return Runs.digits(model, 44, 220, Augmentation.NONE);
  }

  /** The last first: in which order something is computed makes no difference. */
  private final class Elsewhere implements Replicas {
    private final Replica replica;

    Elsewhere(Replica replica) {
      this.replica = replica;
    }

    @Override
    public void gradients(
        byte[] weights, List<Position> batches, int runs, Consumer<BatchGradient> consumer) {
      asked.add(batches);
      List<BatchGradient> gradients = new ArrayList<>();
      for (int i = batches.size() - 1; i >= 0; i--) {
        gradients.add(0, replica.gradient(weights, batches.get(i), runs));
      }
      gradients.forEach(consumer);
    }

    @Override
    public List<ValidationSums> validation(byte[] weights, int shards) {
      assertThat(shards).isEqualTo(3);
      ValidationSums last = replica.validation(weights, 1, 3);
      return List.of(replica.validation(weights, 0, 1), last);
    }
  }

  private TrainingResult train(Model model, int parts, boolean remote) {
    Model copy = Runs.tiny();
    try (TrainableModel own = TrainableModel.of(model, Runs.labels(model), Runs.engine());
        TrainableModel other = TrainableModel.of(copy, Runs.labels(copy), Runs.engine())) {
      Replica replica = new Replica(other, samples(copy), held(copy), RECIPE);
      Trainer trainer =
          Trainer.of(own, samples(model), RECIPE).validating(held(model)).inParts(parts);
      if (remote) {
        trainer.on(new Elsewhere(replica));
      }
      return trainer.train();
    }
  }

  @Test
  void trainingIsTheSameToTheByte() {
    Model here = Runs.tiny();
    Model elsewhere = Runs.tiny();
    TrainingResult local = train(here, 1, false);
    TrainingResult remote = train(elsewhere, 1, true);

    assertThat(remote).isEqualTo(local); // also in what validation came to
    assertThat(remote.evaluation()).isNotNull();
    assertThat(Runs.bytes(elsewhere)).isEqualTo(Runs.bytes(here));
    assertThat(asked).hasSize(4); // the last one is no whole update
    assertThat(asked.get(1))
        .containsExactly(new Position(0, 3), new Position(0, 4), new Position(1, 0));
    assertThat(asked.get(3)).containsExactly(new Position(1, 4));
  }

  /** Parts of a batch are added up where they are computed: the same but for rounding. */
  @Test
  void partsOfABatchMayDifferByRounding() {
    TrainingResult local = train(Runs.tiny(), 2, false);
    TrainingResult remote = train(Runs.tiny(), 2, true);

    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(remote.epochs().get(epoch).loss())
          .isCloseTo(local.epochs().get(epoch).loss(), within(1e-6));
    }
  }

  @Test
  void aBatchThatIsNotThereIsRefused() {
    Model model = Runs.tiny();
    try (TrainableModel own = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      Replica replica = new Replica(own, samples(model), held(model), RECIPE);
      byte[] weights = new byte[own.store().size() * Float.BYTES];
      assertThatThrownBy(() -> replica.gradient(weights, new Position(2, 0), 1))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("no sample of batch 1 of epoch 3 can be read");
    }
  }
}
