package io.gohsp.linalg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Memory outside the Java heap for what OpenBLAS reads and writes, used again by the next call. Of
 * an array on the heap the binding makes a copy for each call, in memory that is new to the
 * process, and copies it back, even one that is only read: of large matrices that takes longer than
 * products of few rows do (docs/PERFORMANCE.md).
 */
final class NativeMemory {
  private static final int ALIGNMENT = 64; // bytes: of the widest vectors, and the same at each run

  private final List<ByteBuffer> pieces = new ArrayList<>();
  private int taken;

  /**
   * Lends it to a call, which must not keep anything of it.
   *
   * @throws IllegalStateException if another call has it
   */
  void lend(Consumer<NativeMemory> call) {
    if (taken > 0) {
      throw new IllegalStateException("one call of OpenBLAS within another");
    }
    try {
      call.accept(this);
    } finally {
      taken = 0;
    }
  }

  /** Room for so many numbers, whatever they are now. */
  DoubleBuffer doubles(int number) {
    return take(Double.BYTES, number).asDoubleBuffer();
  }

  /** Room for so many numbers, whatever they are now. */
  FloatBuffer floats(int number) {
    return take(Float.BYTES, number).asFloatBuffer();
  }

  DoubleBuffer copyOf(double[] numbers) {
    return doubles(numbers.length).put(0, numbers);
  }

  private ByteBuffer take(long each, int number) {
    int bytes = Math.toIntExact(each * number);
    if (taken == pieces.size()) {
      pieces.add(allocate(bytes));
    } else if (pieces.get(taken).capacity() < bytes) {
      pieces.set(taken, ByteBuffer.allocate(0)); // the smaller one need not outlast its successor
      pieces.set(taken, allocate(bytes));
    }
    return pieces.get(taken++);
  }

  /** Memory of its own. */
  static ByteBuffer allocate(int bytes) {
    ByteBuffer memory = ByteBuffer.allocateDirect(Math.addExact(bytes, ALIGNMENT));
    int start = (ALIGNMENT - memory.alignmentOffset(0, ALIGNMENT)) % ALIGNMENT;
    return memory.slice(start, bytes).order(ByteOrder.nativeOrder());
  }
}
