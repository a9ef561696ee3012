package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.data.Position;
import io.gohsp.engine.FlatVector;
import io.gohsp.plan.InvalidOption;
import io.gohsp.work.DamagedWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final int SIZE = 70_000; // more than is copied at a time

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("checkpoint.zip");
  }

  private static FlatVector vector(float first) {
    FlatVector vector = FlatVector.allocate(SIZE);
    for (int i = 0; i < SIZE; i++) {
      vector.floats().put(i, first + i);
    }
    return vector;
  }

  private Checkpoint checkpoint(String identity, FlatVector weights) {
    return new Checkpoint(file(), identity, Map.of("weights", weights));
  }

  private static Progress progress() {
    Progress progress = new Progress();
    progress.step = 17;
    progress.rate = 0.1 / 3;
    progress.position = new Position(2, 5);
    progress.lossSum = 1 / 3.0;
    progress.best = new Evaluation(0.25, 0.5, 180);
    progress.epochs.add(new EpochReport(1, 8, 1e-3, 0.5, 0.75, progress.best, true));
    progress.logBytes = 1234;
    return progress;
  }

  @Test
  void everythingComesBack() throws IOException {
    checkpoint("a", vector(3)).write(progress());
    FlatVector weights = FlatVector.allocate(SIZE);

    Progress read = checkpoint("a", weights).read();

    assertThat(read).usingRecursiveComparison().isEqualTo(progress());
    assertThat(weights.floats()).isEqualTo(vector(3).floats());
  }

  @Test
  void accuracyThatThereIsNotComesBack() throws IOException {
    Progress written = progress();
    written.best = new Evaluation(0.25, Double.NaN, 180);
    checkpoint("a", vector(3)).write(written);
    assertThat(Objects.requireNonNull(checkpoint("a", vector(0)).read()).best)
        .isEqualTo(written.best);
  }

  @Test
  void sameStateIsTheSameBytes() throws Exception {
    checkpoint("a", vector(3)).write(progress());
    byte[] first = Files.readAllBytes(file());
    Thread.sleep(5);
    checkpoint("a", vector(3)).write(progress());
    assertThat(Files.readAllBytes(file())).isEqualTo(first);
  }

  @Test
  void noneIsNoError() {
    assertThat(checkpoint("a", vector(3)).read()).isNull();
  }

  @Test
  void anotherRunsIsRefused() throws IOException {
    checkpoint("batch 32", vector(3)).write(progress());
    assertThatThrownBy(() -> checkpoint("batch 64", vector(3)).read())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContainingAll("batch 32", "batch 64", "--work");
  }

  /** One bit anywhere, or a part that is missing. */
  @Test
  void damageIsFound() throws IOException {
    checkpoint("a", vector(3)).write(progress());
    byte[] sound = Files.readAllBytes(file());
    for (int at : new int[] {50, 400, 1_000, sound.length / 2, sound.length - 2_000}) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 4;
      requireDamaged(damaged);
    }
    for (int length : new int[] {0, 10, sound.length / 2, sound.length - 1}) {
      requireDamaged(java.util.Arrays.copyOf(sound, length));
    }
  }

  private void requireDamaged(byte[] bytes) throws IOException {
    Files.write(file(), bytes);
    assertThatThrownBy(() -> checkpoint("a", vector(3)).read())
        .isInstanceOf(DamagedWork.class)
        .hasMessageStartingWith(file() + " is damaged: ")
        .hasMessageEndingWith("; remove it to begin again");
  }

  @Test
  void vectorOfAnotherSizeIsRefused() throws IOException {
    checkpoint("a", vector(3)).write(progress());
    assertThatThrownBy(() -> checkpoint("a", FlatVector.allocate(SIZE - 1)).read())
        .isInstanceOf(DamagedWork.class)
        .hasMessageContaining("weights has 280000 bytes, expected 279996");
  }

  @Test
  void leftoversOfKilledWritersAreRemoved() throws IOException {
    checkpoint("a", vector(3)).write(progress());
    Files.writeString(directory.resolve(".checkpoint.zip.123.tmp"), "half");
    Files.writeString(directory.resolve(".other.123.tmp"), "not ours");

    checkpoint("a", vector(3)).read();

    assertThat(directory.toFile().list())
        .containsExactlyInAnyOrder("checkpoint.zip", ".other.123.tmp");
  }
}
