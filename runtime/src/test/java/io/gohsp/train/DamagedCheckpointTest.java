package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.data.Augmentation;
import io.gohsp.data.Samples;
import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Model;
import io.gohsp.work.DamagedWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that was killed, and goes on with a checkpoint or log of which something is wrong. */
class DamagedCheckpointTest {
  private static final Recipe RECIPE =
      Recipe.STANDARD.withEpochs(2).withStopAfter(2).withBatch(8).keeping(Recipe.Keep.LAST);

  @TempDir Path directory;

  private Path checkpoint;
  private Path log;
  private byte[] checkpointBytes;
  private byte[] logBytes;
  private byte[] result;

  /** Stops a run where a signal might. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private byte[] train(TrainingListener listener) {
    Model model = Runs.tiny();
    Samples samples = Runs.digits(model, 0, 40, Augmentation.NONE);
    Objective objective =
        Objective.of(model, true, false, 0, null, Objective.Distillation.STANDARD);
    try (TrainableModel trainable = TrainableModel.of(model, objective, Runs.engine())) {
      Trainer.of(trainable, samples, RECIPE).telling(listener).in(directory, 2, "a run").train();
    }
    return Runs.bytes(model);
  }

  @BeforeEach
  void kill() throws IOException {
    checkpoint = directory.resolve("checkpoint.zip");
    log = directory.resolve("log.jsonl");
    assertThatThrownBy(
            () ->
                train(
                    new TrainingListener() {
                      @Override
                      public void step(StepReport report) {
                        if (report.step() == 7) {
                          throw new Killed();
                        }
                      }
                    }))
        .isInstanceOf(Killed.class);
    checkpointBytes = Files.readAllBytes(checkpoint);
    logBytes = Files.readAllBytes(log);
    result = train(TrainingListener.NONE);
  }

  private void resume(byte[] newCheckpoint, byte[] newLog, String what) throws IOException {
    Files.write(checkpoint, newCheckpoint);
    Files.write(log, newLog);
    try {
      assertThat(train(TrainingListener.NONE)).as(what).isEqualTo(result);
    } catch (DamagedWork e) {
      assertThat(e)
          .hasMessageMatching("(?s).*/(checkpoint.zip|log.jsonl) is damaged: .*; remove .*");
    }
  }

  /** Refused, or what is wrong has no part in the result, such as the date of an entry. */
  @Test
  void oneBitIsSaidOrWithoutEffect() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      boolean inLog = i % 4 == 0;
      byte[] flipped = (inLog ? logBytes : checkpointBytes).clone();
      int at = random.nextInt(flipped.length);
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      resume(inLog ? checkpointBytes : flipped, inLog ? flipped : logBytes, "bit at " + at);
    }
  }

  @Test
  void logThatIsCutShortIsSaid() throws IOException {
    Files.write(checkpoint, checkpointBytes);
    Files.write(log, new byte[0]);
    assertThatThrownBy(() -> train(TrainingListener.NONE))
        .isInstanceOf(DamagedWork.class)
        .hasMessageMatching(
            ".*log.jsonl is damaged: it has 0 bytes, expected \\d+; remove it and the checkpoint"
                + " beside it to begin again");
  }

  /** With a checksum that is right: whoever writes such a file does not get a model. */
  @Test
  void weightsThatAreNoNumbersAreSaid() throws IOException {
    Files.write(checkpoint, checkpointBytes);
    Files.write(log, logBytes);
    Map<String, FlatVector> vectors = new LinkedHashMap<>();
    Model model = Runs.tiny();
    Objective objective =
        Objective.of(model, true, false, 0, null, Objective.Distillation.STANDARD);
    try (TrainableModel trainable = TrainableModel.of(model, objective, Runs.engine())) {
      vectors.put("weights", trainable.store().vector());
      vectors.putAll(RECIPE.optimizer().create(trainable.store()).state());
      Checkpoint read = new Checkpoint(checkpoint, "a run", vectors);
      Progress progress = Objects.requireNonNull(read.read());
      Objects.requireNonNull(vectors.get("weights")).floats().put(5, Float.NaN);
      read.write(progress);
    }
    assertThatThrownBy(() -> train(TrainingListener.NONE))
        .isInstanceOf(DamagedWork.class)
        .hasMessage(
            checkpoint
                + " is damaged: its weights are no finite numbers; remove it to begin again");
  }
}
