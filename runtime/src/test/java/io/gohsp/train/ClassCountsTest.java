package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.data.Augmentation;
import io.gohsp.data.DataException;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import io.gohsp.text.OnnxText;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Labels of ten classes and a model that tells four apart: refused by whatever reads labels. */
public class ClassCountsTest {
  /** A linear classifier of digits. */
  public static Model fourClasses() {
    return OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        linear (float[batch, 1, 8, 8] x) => (float[batch, 4] output)
          <float[64, 4] w = random(7, 0.1), int64[2] shape = {-1, 64}>
        {
          flat = Reshape(x, shape)
          output = MatMul(flat, w)
        }
        """);
  }

  private final Model model = fourClasses();
  private final Samples samples = Runs.digits(model, 0, 40, Augmentation.NONE);

  private static void requireRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("10 classes, but the model tells 4 apart");
  }

  @Test
  void training() {
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      requireRefused(() -> Trainer.of(trainable, samples, Recipe.STANDARD.withBatch(8)).train());
    }
  }

  @Test
  void measuring() {
    requireRefused(
        () -> new Evaluator(Runs.labels(model), samples, 8).evaluate(model, Runs.engine()));
  }

  @Test
  void comparing() {
    requireRefused(() -> Agreement.of(model, model, samples, 8, Runs.engine(), null));
  }
}
