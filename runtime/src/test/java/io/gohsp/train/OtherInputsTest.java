package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.data.Augmentation;
import io.gohsp.data.DataException;
import io.gohsp.data.Samples;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.ir.Model;
import io.gohsp.text.OnnxText;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Samples that are ready for another model: refused by whatever feeds a model with them. */
class OtherInputsTest {
  private static Model classifier(String input, String element, int edge) {
    return OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        linear (%s[batch, 1, %d, %d] %s) => (float[batch, 10] output)
          <float[%d, 10] w = random(7, 0.1), int64[2] shape = {-1, %d}>
        {
          floats = Cast<to = 1>(%s)
          flat = Reshape(floats, shape)
          output = MatMul(flat, w)
        }
        """
            .formatted(element, edge, edge, input, edge * edge, edge * edge, input));
  }

  private final Model model = classifier("x", "float", 8);
  private final Samples small = Runs.digits(classifier("x", "float", 4), 0, 40, Augmentation.NONE);

  private static void requireRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is ready for inputs [x FLOAT[1, 4, 4]], but the model takes x, ");
  }

  @Test
  void training() {
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      requireRefused(() -> Trainer.of(trainable, small, Recipe.STANDARD.withBatch(8)).train());
    }
  }

  @Test
  void measuring() {
    requireRefused(
        () -> new Evaluator(Runs.labels(model), small, 8).evaluate(model, Runs.engine()));
  }

  @Test
  void comparing() {
    Model other = classifier("x", "float", 4);
    requireRefused(() -> Agreement.of(model, other, small, 8, Runs.engine(), null));
    requireRefused(() -> Agreement.of(other, model, small, 8, Runs.engine(), null));
    requireRefused(() -> UserSamples.first(model, small));
  }

  @Test
  void otherNamesAndTypes() {
    Model named = classifier("y", "float", 4);
    Model typed = classifier("x", "uint8", 4);
    for (Model other : new Model[] {named, typed}) {
      assertThatThrownBy(() -> UserSamples.first(other, small))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("is ready for inputs [x FLOAT[1, 4, 4]], but the model takes ");
    }
  }
}
