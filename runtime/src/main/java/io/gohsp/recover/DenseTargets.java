package io.gohsp.recover;

import io.gohsp.data.Batch;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The dense model's residual stream behind each corrected layer, on calibration samples. Where many
 * plans of one model are tried it is the same for all of them, so it is kept as far as memory
 * allows, and computed again where not; the numbers are the same either way.
 */
public final class DenseTargets {
  private final Map<String, List<HostTensor>> kept = new HashMap<>();
  private long free;

  /**
   * @param bytes that may be kept; 0 to keep nothing
   */
  public DenseTargets(long bytes) {
    free = bytes;
  }

  /**
   * The target of one layer, batch after batch.
   *
   * @param layer the name of its output
   */
  Source of(String layer, ErrorGraph graph, OrtOptions options) {
    List<HostTensor> known = kept.get(layer);
    return known == null ? new Computed(layer, graph, options) : new Kept(known);
  }

  /** Says what the dense model makes of one batch after the other. */
  abstract static class Source implements AutoCloseable {
    abstract HostTensor next(Batch batch);

    /** All batches have been seen. */
    void end() {}

    @Override
    public void close() {}
  }

  private static final class Kept extends Source {
    private final List<HostTensor> tensors;
    private int next;

    Kept(List<HostTensor> tensors) {
      this.tensors = tensors;
    }

    @Override
    HostTensor next(Batch batch) {
      return tensors.get(next++);
    }
  }

  private final class Computed extends Source {
    private final String layer;
    private final String target;
    private final OrtProgram program;
    private @Nullable List<HostTensor> tensors = new ArrayList<>();

    Computed(String layer, ErrorGraph graph, OrtOptions options) {
      this.layer = layer;
      target = graph.target();
      program = OrtProgram.compile("the dense model", graph.dense(), options);
    }

    @Override
    HostTensor next(Batch batch) {
      HostTensor result = Objects.requireNonNull(program.run(batch.inputs()).get(target));
      HostTensor copy = HostTensor.allocate(result.type(), result.dims());
      copy.bytes().put(result.bytes()); // results do not lie where inputs must
      if (tensors != null && free >= result.bytes().capacity()) {
        free -= result.bytes().capacity();
        tensors.add(copy);
      } else if (tensors != null) {
        tensors.forEach(tensor -> free += tensor.bytes().capacity());
        tensors = null; // all batches or none
      }
      return copy;
    }

    @Override
    void end() {
      if (tensors != null) {
        kept.put(layer, tensors);
      }
    }

    @Override
    public void close() {
      program.close();
    }
  }
}
