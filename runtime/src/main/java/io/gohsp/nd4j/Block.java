package io.gohsp.nd4j;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A piece of ND4J's memory, and the arrays over it, which are made once: each costs more than a
 * small operation, and native memory until the next garbage collection.
 */
final class Block {
  private record Key(long offset, List<Long> dims, List<Long> strides) {}

  private final INDArray owner; // whoever holds the memory must be held
  private final DataBuffer memory;
  private final boolean pooled;
  private final Map<Key, INDArray> arrays = new HashMap<>();
  private @Nullable FloatBuffer host;
  private int users;

  private Block(INDArray owner, boolean pooled) {
    this.owner = owner;
    this.memory = owner.data();
    this.pooled = pooled;
  }

  /** Memory that belongs to somebody else. */
  static Block over(INDArray whole) {
    return new Block(whole, false);
  }

  /** Memory for intermediate results. */
  static Block pooled(INDArray whole) {
    return new Block(whole, true);
  }

  long size() {
    return owner.length();
  }

  boolean isPooled() {
    return pooled;
  }

  int users() {
    return users;
  }

  void retain() {
    users++;
  }

  /** Whether nobody uses it any more. */
  boolean release() {
    return --users == 0;
  }

  /** The array that a layout shows; ND4J gets scalars as vectors of one element. */
  INDArray array(Layout layout) {
    boolean scalar = layout.dims().length == 0;
    long[] dims = scalar ? new long[] {1} : layout.dims();
    long[] strides = scalar ? new long[] {1} : layout.strides();
    Key key = new Key(layout.offset(), boxed(dims), boxed(strides));
    return arrays.computeIfAbsent(
        key, k -> Nd4j.create(memory, dims, strides, layout.offset(), 'c'));
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  /** The memory as Java reads it, brought here first where ND4J computes elsewhere. */
  FloatBuffer read() {
    Nd4j.getAffinityManager().ensureLocation(owner, Location.HOST);
    FloatBuffer buffer = host;
    if (buffer == null) {
      ByteBuffer bytes = memory.pointer().asByteBuffer();
      buffer = bytes.order(ByteOrder.nativeOrder()).asFloatBuffer();
      host = buffer;
    }
    return buffer;
  }

  /** The memory as Java reads and writes it: what is there now is what counts afterwards. */
  FloatBuffer write() {
    FloatBuffer buffer = read();
    Nd4j.getAffinityManager().tagLocation(owner, Location.HOST);
    return buffer;
  }
}
