package io.gohsp.data;

import io.gohsp.ir.ValueType;
import java.util.Map;

/** How a dataset is made ready for a model. */
@FunctionalInterface
public interface Preparation {
  /** What the model's input suggests, without anything stated. */
  Preparation STANDARD =
      (dataset, inputs, augmentation) -> Samples.of(dataset, inputs, null, augmentation);

  /**
   * The samples of a dataset as a model takes them.
   *
   * @param inputs the model's inputs
   * @param augmentation {@link Augmentation#NONE} except in training
   * @throws DataException if data and model do not fit together
   */
  Samples samples(
      Dataset dataset, Map<String, ? extends ValueType> inputs, Augmentation augmentation);
}
