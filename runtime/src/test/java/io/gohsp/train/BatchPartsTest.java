package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.Augmentation;
import io.gohsp.data.Samples;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients of a batch in several runs. */
class BatchPartsTest {
  private static final Recipe RECIPE =
      Recipe.STANDARD.withEpochs(2).withBatch(16).keeping(Recipe.Keep.LAST);

  /** Stops a run where a signal might. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @TempDir Path directory;

  private static TrainingListener killingAfter(int steps) {
    return new TrainingListener() {
      @Override
      public void step(StepReport report) {
        if (report.step() == steps) {
          throw new Killed();
        }
      }
    };
  }

  private TrainingResult train(Model model, int parts, String work, TrainingListener listener) {
    Samples samples = Runs.digits(model, 0, 64, Augmentation.NONE);
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      return Trainer.of(trainable, samples, RECIPE)
          .inParts(parts)
          .telling(listener)
          .in(directory.resolve(work), 2, "parts")
          .train();
    }
  }

  /** What docs/PERFORMANCE.md measured, and models that gain nothing. */
  @ParameterizedTest
  @CsvSource({
    "32, 4, 128, 8, 512, 64, 4",
    "32, 4, 128, 8, 512, 128, 8",
    "224, 16, 192, 3, 768, 8, 2",
    "224, 16, 384, 6, 1536, 64, 16",
    "8, 4, 16, 2, 16, 64, 1",
    "32, 4, 128, 8, 512, 61, 1"
  })
  void chosenBySizes(int image, int patch, int dim, int heads, int mlp, int batch, int parts) {
    Model model = VitBuilder.build(new VitArchitecture(image, 3, patch, dim, 6, heads, mlp, 10), 1);
    assertThat(BatchParts.of(model, batch)).isEqualTo(parts);
  }

  @Test
  void aBatchThatIsBuiltInIsNotDivided() {
    assertThat(BatchParts.of(Fixture.of("timm_vit_legacy_op17_fused").model(), 64)).isOne();
  }

  /** The mean of equal parts' means is the batch's mean; only FLOAT sums come in another order. */
  @Test
  void lossesAreThoseOfTheWholeBatch() {
    List<EpochReport> whole = train(Runs.tiny(), 1, "whole", TrainingListener.NONE).epochs();
    TrainingResult divided = train(Runs.tiny(), 4, "divided", TrainingListener.NONE);
    assertThat(divided.parts()).isEqualTo(4);
    for (int epoch = 0; epoch < whole.size(); epoch++) {
      EpochReport report = divided.epochs().get(epoch);
      assertThat(report.loss()).isEqualTo(whole.get(epoch).loss(), within(1e-4));
      assertThat(report.accuracy()).isEqualTo(whole.get(epoch).accuracy(), within(1e-9));
    }
  }

  /** Whatever would be chosen now. */
  @Test
  void aRunGoesOnAsItBegan() {
    Model whole = Runs.tiny();
    TrainingResult expected = train(whole, 4, "calm", TrainingListener.NONE);
    assertThatThrownBy(() -> train(Runs.tiny(), 4, "killed", killingAfter(5)))
        .isInstanceOf(Killed.class);
    Model pieces = Runs.tiny();
    TrainingResult result = train(pieces, 0, "killed", TrainingListener.NONE);
    assertThat(result).isEqualTo(expected);
    assertThat(Runs.bytes(pieces)).isEqualTo(Runs.bytes(whole));
  }
}
