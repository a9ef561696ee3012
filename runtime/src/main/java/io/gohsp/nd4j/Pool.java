package io.gohsp.nd4j;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Memory for intermediate results, used again and again: ND4J returns what it allocates only after
 * a garbage collection, which nothing causes while the Java heap is nearly empty.
 */
final class Pool {
  /** A block may be this much larger than what is asked for. */
  private static final int SLACK = 2;

  private final NavigableMap<Long, Deque<Block>> free = new TreeMap<>();
  private long elements;

  /** A block of at least this many elements, with anything in it. */
  Block take(long size) {
    Map.Entry<Long, Deque<Block>> fit = free.ceilingEntry(size);
    if (fit == null || fit.getKey() > SLACK * size) {
      elements += size;
      return Block.pooled(Nd4j.createUninitialized(DataType.FLOAT, size));
    }
    Block block = fit.getValue().pop();
    if (fit.getValue().isEmpty()) {
      free.remove(fit.getKey());
    }
    return block;
  }

  /** Takes a block back. */
  void give(Block block) {
    free.computeIfAbsent(block.size(), size -> new ArrayDeque<>()).push(block);
  }

  /** Elements of all blocks there ever were. */
  long elements() {
    return elements;
  }
}
