package io.gohsp.io;

import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file beside a model that is being written, with the tensors that do not go into the model
 * itself.
 */
final class SideFile implements Placement {
  /** Which tensors go into the side file. */
  enum Policy {
    /** None: the model has to stand alone. */
    NONE,
    /** Those that were in one; if any was, all large initializers. */
    AS_READ,
    /** All large initializers. */
    LARGE
  }

  /** Initializers of fewer bytes stay in the model. */
  static final int LARGE = 1024;

  /**
   * Contents begin at multiples of this many bytes, so that runtimes can use them where they lie.
   */
  static final int ALIGNMENT = 64;

  private final String name;
  private final Policy policy;
  private final boolean wasExternal;
  private final Rope contents = new Rope();
  private final Map<TensorData.Mapped, Long> mappedAt = new HashMap<>();
  private final IdentityHashMap<TensorData, Long> placedAt = new IdentityHashMap<>();

  /**
   * @param name what the model calls the file
   * @param wasExternal whether the model had a side file when it was read
   */
  SideFile(String name, Policy policy, boolean wasExternal) {
    this.name = name;
    this.policy = policy;
    this.wasExternal = wasExternal;
  }

  /** What is to be written; empty if no tensor went here. */
  Rope contents() {
    return contents;
  }

  /**
   * Where in this file the tensor's contents go, or null if they stay in the model. The same
   * contents go here once.
   */
  @Override
  public @Nullable Place place(Tensor tensor, boolean initializer) {
    return wants(tensor, initializer) ? new Place(name, place(tensor.data())) : null;
  }

  private boolean wants(Tensor tensor, boolean initializer) {
    if (policy == Policy.NONE) {
      return false;
    }
    if (tensor.origin() instanceof TensorOrigin origin && origin.external()) {
      return true;
    }
    boolean large = initializer && tensor.type().bits() > 0 && tensor.data().byteSize() >= LARGE;
    return large && (wasExternal || policy == Policy.LARGE);
  }

  private long place(TensorData data) {
    Long known =
        data instanceof TensorData.Mapped mapped ? mappedAt.get(mapped) : placedAt.get(data);
    if (known != null) {
      return known;
    }
    int padding = (int) (-contents.length() & (ALIGNMENT - 1));
    if (padding > 0) {
      contents.add(new Piece.Bytes(new byte[padding]));
    }
    long offset = contents.length();
    contents.add(new Piece.Contents(data));
    if (data instanceof TensorData.Mapped mapped) {
      mappedAt.put(mapped, offset);
    } else {
      placedAt.put(data, offset);
    }
    return offset;
  }
}
