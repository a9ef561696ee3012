package io.gohsp.autodiff;

import io.gohsp.ir.Value;

/**
 * One term of a loss, in terms of values of the model that is trained. Each term has one target,
 * which becomes an input of the training graph. All are means over the batch, times a weight.
 */
public sealed interface Loss {
  /** What the target is compared with. */
  Value value();

  float weight();

  /**
   * {@code -sum(t log softmax(logits))} with {@code t = (1 - smoothing) one-hot(label) + smoothing
   * / classes}. Target: labels INT64 with the extents of {@code logits} but the last.
   *
   * @param value logits, [.., classes]
   */
  record CrossEntropy(Value value, float smoothing, float weight) implements Loss {
    public CrossEntropy {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new IllegalArgumentException("smoothing must be in [0, 1), not " + smoothing);
      }
    }
  }

  /**
   * {@code -sum(t log softmax(logits))} for a distribution {@code t}, as mixing images gives.
   * Target: {@code t}, of the shape of {@code logits}.
   *
   * @param value logits, [.., classes]
   */
  record SoftCrossEntropy(Value value, float weight) implements Loss {}

  /**
   * {@code T² sum(p (log p - log softmax(logits / T)))} with {@code p = softmax(teacher / T)}.
   * Target: the teacher's logits, of the shape of {@code logits}.
   *
   * @param value logits, [.., classes]
   */
  record Distillation(Value value, float temperature, float weight) implements Loss {
    public Distillation {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException("temperature must be positive, not " + temperature);
      }
    }
  }

  /**
   * {@code -log softmax(logits)[label]} with labels that the model draws itself: {@code label =
   * argmax(logits + target)}, which for standard Gumbel noise follows {@code softmax(logits)}
   * (Gumbel 1954). Its gradients are those whose squares the Fisher information is the mean of; it
   * needs no labels, where the distance from the model's own output would have no gradient at all.
   * Target: the noise, of the shape of {@code logits}.
   *
   * @param value logits, [.., classes]
   */
  record SampledCrossEntropy(Value value, float weight) implements Loss {}

  /**
   * {@code sum(value · target)} over a sample. For random signs as the target the mean square of
   * its gradient by anything is that of the derivatives of all elements, added up (Hutchinson
   * 1990): how much the output as a whole depends on it. Target: of the shape of {@code value}.
   *
   * @param value samples first, [samples, ..]
   */
  record Projection(Value value, float weight) implements Loss {}

  /**
   * {@code mean((value - target)²)} over all elements, or over those that have a target. Target: of
   * the shape of {@code value}.
   *
   * @param partial whether elements whose target is NaN do not count
   */
  record FeatureMatch(Value value, float weight, boolean partial) implements Loss {
    /** Over all elements. */
    public FeatureMatch(Value value, float weight) {
      this(value, weight, false);
    }
  }
}
