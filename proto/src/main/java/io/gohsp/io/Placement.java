package io.gohsp.io;

import io.gohsp.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Decides which tensors a model only refers to, and where their contents are. */
interface Placement {
  /**
   * Contents outside the model.
   *
   * @param file the file's name, relative to the model's directory
   * @param offset where in it they begin, in bytes
   */
  record Place(String file, long offset) {}

  /** Where the tensor's contents are, or null if they go into the model. */
  @Nullable Place place(Tensor tensor, boolean initializer);
}
