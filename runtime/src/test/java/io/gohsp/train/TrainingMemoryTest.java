package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.bench.ResidentMemory;
import io.gohsp.data.Augmentation;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Steps must leave nothing behind, in the heap or beside it. */
@EnabledOnOs(OS.LINUX)
class TrainingMemoryTest {
  /** What a JVM's own housekeeping may come to: code, heap that is touched for the first time. */
  private static final long HOUSEKEEPING = 48L << 20;

  private static final int WARM = 50;
  private static final int BATCHES = 5;

  @Test
  void staysFlat() {
    requireFlat(400);
  }

  @Test
  @Tag("slow")
  void staysFlatForLong() {
    requireFlat(2_000);
  }

  private static void requireFlat(int steps) {
    Model model = Runs.tiny();
    Samples samples = Runs.digits(model, 0, 8 * BATCHES, Augmentation.NONE.withPadding(1));
    List<Long> resident = new ArrayList<>();
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      Trainer.of(trainable, samples, Recipe.STANDARD.withBatch(8).withEpochs(steps / BATCHES))
          .validating(samples)
          .telling(
              new TrainingListener() {
                @Override
                public void step(StepReport report) {
                  if (report.step() == WARM || report.step() == steps) {
                    System.gc();
                    resident.add(ResidentMemory.current().orElseThrow());
                  }
                }
              })
          .train();
    }
    assertThat(resident).hasSize(2);
    assertThat(resident.get(1) - resident.get(0)).isLessThan(HOUSEKEEPING);
  }
}
