package io.gohsp.autodiff;

import io.gohsp.ir.Value;
import java.util.List;
import java.util.function.Predicate;

/**
 * What is trained and towards what, in terms of the original model's values.
 *
 * @param trainable asked for every floating constant of the main graph; {@link
 *     Parameters#trainable} is the usual choice
 * @param losses at least one; they are added
 * @param returned values that the training graph returns beside loss and gradients, logits for
 *     example
 */
public record TrainingOptions(Predicate<Value> trainable, List<Loss> losses, List<Value> returned) {
  public TrainingOptions {
    losses = List.copyOf(losses);
    returned = List.copyOf(returned);
    if (losses.isEmpty()) {
      throw new IllegalArgumentException("there is no loss");
    }
  }

  /** The usual parameters, one loss, and what it is computed from returned. */
  public static TrainingOptions of(Loss loss) {
    return new TrainingOptions(Parameters::trainable, List.of(loss), List.of(loss.value()));
  }
}
