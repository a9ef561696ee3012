package io.gohsp.ranking;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.data.ModelOutputs;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ort.HostTensor;
import io.gohsp.verify.NoNumbers;
import java.util.Map;
import java.util.Set;

/**
 * Whether a model answers numbers. A graph of heads ends at the last attention, and would rank the
 * heads of a model whose classifier is broken without a word.
 */
final class Answers {
  private Answers() {}

  /**
   * Runs the model on one batch.
   *
   * @throws io.gohsp.ir.ModelException.Unsupported if one of its class scores is NaN, or all
   *     numbers of another output are
   */
  static void require(Model model, Calibration calibration) {
    calibration
        .atMost(calibration.batch(model))
        .run(
            "the model",
            model,
            Set.of(),
            LastBatch.PAD,
            (batch, results) -> require(model, batch, results));
  }

  private static void require(Model model, Batch batch, Map<String, HostTensor> results) {
    Value logits = ModelOutputs.logits(model);
    results.forEach(
        (name, output) -> {
          if (!output.type().isFloating()) {
            return;
          }
          boolean scores = logits != null && logits.name().equals(name);
          float[] numbers = output.floats();
          int seen = scores ? numbers.length / batch.rows() * batch.size() : numbers.length;
          int bad = 0;
          for (int i = 0; i < seen; i++) {
            bad += Float.isNaN(numbers[i]) ? 1 : 0;
          }
          // Of what is said token by token, padding may be NaN.
          if (bad > 0 && (scores || bad == seen)) {
            throw NoNumbers.of(
                model,
                "answers NaN on the data: %d of %d numbers of its \"%s\""
                    .formatted(bad, seen, name));
          }
        });
  }
}
