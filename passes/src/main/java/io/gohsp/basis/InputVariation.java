package io.gohsp.basis;

/** How the channels of an activation vary, as far as it is known. */
public interface InputVariation {
  /** The mean of each channel. */
  double[] mean();

  /**
   * The covariance of what weights make of the channels: {@code WᵀCW}.
   *
   * @param weights W [channels, size] row by row
   * @return [size, size]
   */
  Matrix through(double[] weights, int size);
}
