package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** What values hold during a run, who still needs it, and where memory comes from. */
final class Memory {
  private final Pool pool = new Pool();
  private final Liveness liveness;
  private final Map<Value, Floats> targets;
  private final Map<Value, Cell> cells = new HashMap<>(); // values compare by identity
  private final Map<Integer, Floats> ones = new LinkedHashMap<>();

  /**
   * @param targets where results are to lie in the end
   */
  Memory(Liveness liveness, Map<Value, Floats> targets) {
    this.liveness = liveness;
    this.targets = targets;
  }

  @Nullable Cell get(Value value) {
    return cells.get(value);
  }

  void put(Value value, Cell cell) {
    if (cell instanceof Floats floats) {
      floats.block().retain();
    }
    drop(cells.put(value, cell));
  }

  /** Forgets what a value holds. */
  void forget(Value value) {
    drop(cells.remove(value));
  }

  private void drop(@Nullable Cell cell) {
    if (cell instanceof Floats floats) {
      giveBack(floats.block());
    }
  }

  void giveBack(Block block) {
    if (block.release() && block.isPooled()) {
      pool.give(block);
    }
  }

  /** Forgets what nobody reads after a node, in an order that is the same in every run. */
  void forgetAfter(Node node) {
    liveness.lastUsedBy(node).forEach(this::forget);
  }

  boolean isLastUse(Value value, Node node) {
    return liveness.lastUsedBy(node).contains(value);
  }

  /** Memory that is its caller's only when it is put. */
  Floats take(long... dims) {
    return new Floats(pool.take(Math.max(1, Layout.size(dims))), Layout.dense(dims));
  }

  /** Memory to be given back. */
  Floats borrow(long... dims) {
    Floats floats = take(dims);
    floats.block().retain();
    return floats;
  }

  /** Where a result is to lie in the end, if it has the extents for it. */
  @Nullable Floats target(Value value, long... dims) {
    Floats target = targets.get(value);
    return target == null || target.size() != Layout.size(dims) ? null : target.reshaped(dims);
  }

  Floats ones(int count) {
    return ones.computeIfAbsent(
        count,
        n ->
            new Floats(
                Block.over(Nd4j.ones(DataType.FLOAT, Math.max(1, n))),
                Layout.dense(Objects.requireNonNull(n))));
  }

  /** Elements of all memory for intermediate results. */
  long pooledElements() {
    return pool.elements();
  }
}
