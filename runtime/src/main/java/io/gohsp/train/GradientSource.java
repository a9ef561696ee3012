package io.gohsp.train;

import io.gohsp.data.Position;

/** The batches of a run one after the other, and their gradients, wherever these are computed. */
interface GradientSource extends AutoCloseable {
  /**
   * What a batch came to.
   *
   * @param loss the mean over its samples
   * @param correct how many of them were told right; 0 without labels
   * @param counted how many could be
   */
  record Result(double loss, long correct, long counted) {}

  /** Goes to the next batch; false if there is none. Gradients are by the weights as of now. */
  boolean next();

  /** The epoch of the batch, from 0. */
  int epoch();

  boolean isLastOfEpoch();

  /** Samples in the batch. */
  int size();

  /** Where the next batch lies. */
  Position position();

  /**
   * Makes sure that the gradients of the batch are added to those of its update.
   *
   * @param last whether it is the last batch of its update
   */
  Result backward(boolean last);

  @Override
  void close();
}
