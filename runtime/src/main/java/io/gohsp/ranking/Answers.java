package io.gohsp.ranking;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.Batch;
import io.gohsp.data.LastBatch;
import io.gohsp.data.ModelOutputs;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.ort.HostTensor;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.ElementType;
import io.gohsp.verify.NoNumbers;
import java.util.Set;

/**
 * Whether a model answers numbers. A graph of heads ends at the last attention, and would rank the
 * heads of a model whose classifier is broken without a word.
 */
final class Answers {
  private Answers() {}

  /**
   * Runs the model on one batch. Of what it returns only numbers with a fraction are looked at, for
   * others cannot be NaN; sequences cannot even be read.
   *
   * @throws io.gohsp.ir.ModelException.Unsupported if one of its class scores is NaN, or all
   *     numbers of another output are
   */
  static void require(Model model, Calibration calibration) {
    ModelCopy copy = ModelCopy.of(model);
    ShapeFacts facts = ShapeInference.of(model);
    Graph graph = copy.model().graph();
    graph.clearOutputs();
    for (Value output : model.graph().outputs()) {
      ElementType type = facts.type(output);
      if (type != null && type.isFloating()) {
        graph.addOutput(copy.of(output));
      }
    }
    if (graph.outputs().isEmpty()) {
      return;
    }
    RemoveUnused.run(copy.model(), Set.of());
    Value logits = ModelOutputs.logits(copy.model());
    calibration
        .atMost(calibration.batch(model))
        .run(
            "the model",
            copy.model(),
            Set.of(),
            LastBatch.PAD,
            (batch, results) ->
                results.forEach(
                    (name, output) ->
                        require(
                            model,
                            batch,
                            name,
                            output,
                            logits != null && logits.name().equals(name))));
  }

  private static void require(
      Model model, Batch batch, String name, HostTensor output, boolean scores) {
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
          "answers NaN on the data: %d of %d numbers of its \"%s\"".formatted(bad, seen, name));
    }
  }
}
