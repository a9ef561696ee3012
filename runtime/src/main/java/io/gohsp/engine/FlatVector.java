package io.gohsp.engine;

import io.gohsp.ort.Device;
import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Numbers in one piece of aligned memory. Java owns it: memory of ND4J's would be freed under ONNX
 * Runtime as soon as the last array over it is garbage. ND4J sees the whole as one vector and parts
 * as views, ONNX Runtime sees parts as tensors; all of them are the same memory.
 *
 * <p>Where ND4J computes on a GPU, ND4J owns the memory, which stays there; {@link #floats} fetches
 * it, and what is written then goes back with the next operation. ONNX Runtime cannot see it. This
 * was never run on a GPU.
 */
public final class FlatVector {
  private final @Nullable HostTensor memory; // null: ND4J's, on a GPU
  private final int size;
  private final INDArray array;

  private FlatVector(int size) {
    this.size = size;
    if (Nd4jSetup.present().device() instanceof Device.Cuda) {
      memory = null;
      array = Nd4j.create(DataType.FLOAT, size);
      return;
    }
    memory = HostTensor.allocate(ElementType.FLOAT, size);
    FloatPointer floats = new FloatPointer(memory.bytes().asFloatBuffer());
    // ND4J has no empty arrays over given memory; a model without parameters has no vector.
    array = Nd4j.create(Nd4j.createBuffer(floats, size, DataType.FLOAT), new long[] {size});
  }

  /**
   * Zeros.
   *
   * @param size number of elements, at least 1
   * @throws IllegalArgumentException if they would take 2 GiB or more
   */
  public static FlatVector allocate(int size) {
    if (size < 1 || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalArgumentException("cannot make a vector of " + size);
    }
    return new FlatVector(size);
  }

  public int size() {
    return size;
  }

  /** The whole as ND4J sees it, [size]. */
  public INDArray array() {
    return array;
  }

  /** A view of [from, to) as ND4J sees it. Views cost more than most operations: keep them. */
  public INDArray range(int from, int to) {
    return array.get(NDArrayIndex.interval(from, to));
  }

  /** The memory itself, from its start. On a GPU's vector: until ND4J's next operation on it. */
  public FloatBuffer floats() {
    if (memory != null) {
      return memory.bytes().asFloatBuffer();
    }
    Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
    Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    return array.data().pointer().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /**
   * A part with a shape of its own.
   *
   * @param offset of its first element
   */
  public Slice slice(int offset, long... dims) {
    return new Slice(this, offset, dims);
  }

  /**
   * A part of a vector, row-major.
   *
   * @param offset of its first element
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Slice(FlatVector vector, int offset, long[] dims) {
    public Slice {
      dims = dims.clone();
    }

    /** Number of elements. */
    public int size() {
      long size = 1;
      for (long dim : dims) {
        size *= dim;
      }
      return Math.toIntExact(size);
    }

    /**
     * As ONNX Runtime takes it.
     *
     * @throws IllegalStateException if it lies on a GPU
     */
    public HostTensor tensor() {
      if (vector.memory == null) {
        throw new IllegalStateException("ONNX Runtime cannot see ND4J's memory on a GPU");
      }
      ByteBuffer all = vector.memory.bytes();
      return HostTensor.wrap(
          ElementType.FLOAT, dims, all.slice(offset * Float.BYTES, size() * Float.BYTES));
    }

    /** As ND4J sees it. Keep it rather than ask again. */
    public INDArray array() {
      return vector.range(offset, offset + size()).reshape('c', dims);
    }

    /** The elements themselves. */
    public FloatBuffer floats() {
      return vector.floats().slice(offset, size());
    }
  }
}
