package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** One execution of one node: its operands, and places for its results. */
final class Call {
  private final Memory memory;
  private final Node node;
  private final List<Block> scratch = new ArrayList<>();

  Call(Memory memory, Node node) {
    this.memory = memory;
    this.node = node;
  }

  Node node() {
    return node;
  }

  /** Reads operands that steer, as far as they are computed. */
  ConstantReader reader() {
    return value -> memory.get(value) instanceof Whole whole ? whole.values() : null;
  }

  boolean has(int input) {
    return node.optionalInput(input) != null;
  }

  /** Whether anybody reads an output. */
  boolean wants(int output) {
    Value value = node.optionalOutput(output);
    return value != null && value.isUsed();
  }

  int inputs() {
    return node.inputs().size();
  }

  Cell cell(int input) {
    return Objects.requireNonNull(memory.get(node.input(input)));
  }

  @Nullable Cell optionalCell(int input) {
    Value value = node.optionalInput(input);
    return value == null ? null : memory.get(value);
  }

  Whole whole(int input) {
    if (cell(input) instanceof Whole whole) {
      return whole;
    }
    throw new IllegalArgumentException("input " + input + " should be whole numbers");
  }

  /** As it lies in memory. */
  Floats floats(int input) {
    if (cell(input) instanceof Floats floats) {
      return floats;
    }
    throw new IllegalArgumentException("input " + input + " should be of type FLOAT");
  }

  /** With its elements one after another; kept like this for whoever reads it next. */
  Floats dense(int input) {
    Floats floats = floats(input);
    if (floats.isDense()) {
      return floats;
    }
    Floats copy = memory.take(floats.dims());
    copy(floats, copy);
    memory.put(node.input(input), copy);
    return copy;
  }

  /** A dense copy, or the same if it is dense. */
  Floats dense(Floats floats) {
    if (floats.isDense()) {
      return floats;
    }
    Floats copy = scratch(floats.dims());
    copy(floats, copy);
    return copy;
  }

  /** Copies elements; extents of 1 in {@code from} are repeated. */
  static void copy(Floats from, Floats to) {
    if (to.size() == 0) {
      return;
    }
    if (from.size() == to.size()) {
      to.array().assign(aligned(from, to).array());
    } else {
      custom("assign", to, to, from);
    }
  }

  /** ND4J wants equal ranks. */
  private static Floats aligned(Floats from, Floats to) {
    return from.rank() == to.rank() ? from : from.seen(from.layout().expanded(to.dims()));
  }

  /** Memory for a result: where it is to lie in the end, if that is known. */
  Floats out(int output, long... dims) {
    Value value = node.output(output);
    Floats result = memory.target(value, dims);
    if (result == null) {
      result = memory.take(dims);
    }
    memory.put(value, result);
    return result;
  }

  /** The same for an elementwise result, which may take the place of an operand nobody needs. */
  Floats outOver(long[] dims) {
    Value value = node.output();
    if (memory.target(value, dims) == null) {
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.optionalInput(i);
        if (input != null
            && memory.isLastUse(input, node)
            && memory.get(input) instanceof Floats floats
            && floats.block().isPooled()
            && floats.block().users() == 1
            && floats.isDense()
            && java.util.Arrays.equals(floats.dims(), dims)) {
          memory.put(value, floats);
          return floats;
        }
      }
    }
    return out(0, dims);
  }

  /** Names a result that lies in memory that is already there. */
  void put(int output, Cell cell) {
    memory.put(node.output(output), cell);
  }

  /** Memory until the end of this call. */
  Floats scratch(long... dims) {
    Floats floats = memory.borrow(dims);
    scratch.add(floats.block());
    return floats;
  }

  /** That many ones, [count, 1] or [1, count]. */
  Floats ones(long... dims) {
    return memory.ones(Layout.size(dims)).reshaped(dims);
  }

  /** Calls an operation of ND4J by its name. */
  static void custom(String name, Floats out, Floats... in) {
    INDArray[] inputs = new INDArray[in.length];
    for (int i = 0; i < in.length; i++) {
      inputs[i] = in[i].array();
    }
    Nd4j.exec(DynamicCustomOp.builder(name).addInputs(inputs).addOutputs(out.array()).build());
  }

  /** The call is over. */
  void end() {
    scratch.forEach(memory::giveBack);
  }
}
