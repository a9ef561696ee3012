package io.gohsp.train;

import java.io.Serializable;
import java.util.Map;

/**
 * What one batch says of all weights; comes from another process.
 *
 * @param loss the mean over its samples
 * @param correct how many of them were told right; 0 without labels
 * @param counted how many could be
 * @param size samples in the batch
 * @param gradients of the mean loss, in the order of {@link ParameterStore#weights}, FLOAT,
 *     little-endian
 * @param corrupt samples that had to be left out, with the reason, by their indices
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BatchGradient(
    double loss,
    long correct,
    long counted,
    int size,
    byte[] gradients,
    Map<Integer, String> corrupt)
    implements Serializable {
  /** All else, once they are added up. */
  BatchGradient withoutGradients() {
    return new BatchGradient(loss, correct, counted, size, new byte[0], corrupt);
  }
}
