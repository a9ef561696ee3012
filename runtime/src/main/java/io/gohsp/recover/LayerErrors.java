package io.gohsp.recover;

import io.gohsp.ir.ModelException;
import io.gohsp.linear.Correctable;

/**
 * One way through a dense model and one that is made of it, layer by layer, wherever the samples
 * are: {@link Sweep} in this process, {@link SpreadSweep} in others.
 */
interface LayerErrors extends AutoCloseable {
  /**
   * Compares both models behind a layer. Until {@link #advance} only the layer may change.
   *
   * @param layer of the changing model, in its main graph, the first of those ahead
   * @throws ModelException.Unsupported if the dense model has nothing to compare with
   */
  NormalEquations errors(Correctable layer);

  /** Changes the layer that was compared last. */
  void correct(Correctable layer, NormalEquations.Correction correction);

  /** Goes on behind the layer that was compared last. */
  void advance();

  @Override
  void close();
}
