package io.gohsp.linear;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.TransposeOp;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/**
 * The weight of one layer where the file has it: an initializer or Constant node, perhaps behind
 * nodes that only turn, copy or widen it.
 *
 * @param holder what is stored
 * @param turned whether the layer reads its transpose
 */
record StoredWeight(Value holder, boolean turned) {
  private static final List<Long> SWAPPED = List.of(1L, 0L);

  /**
   * Finds what an operand is stored as.
   *
   * @throws ModelException.Unsupported if it is not real numbers that this reader alone reads
   */
  static StoredWeight of(Node reader, Value operand) {
    boolean turned = false;
    Value at = operand;
    while (true) {
      if (at.uses().size() != 1 || at.isGraphOutput()) {
        throw unsupported(reader, "shares its weight \"" + at.name() + "\" with other layers");
      }
      Tensor tensor = ConstantValue.of(at);
      if (tensor != null && tensor.type().isFloating()) {
        return new StoredWeight(at, turned);
      }
      Node producer = tensor == null ? at.producer().orElse(null) : null;
      if (producer != null && (producer.is("Identity") || producer.is("Cast"))) {
        at = producer.input(0);
      } else if (producer != null
          && producer.is("Transpose")
          && SWAPPED.equals(TransposeOp.of(producer).perm())) {
        turned = !turned;
        at = producer.input(0);
      } else {
        throw unsupported(reader, "has a weight that is not stored as real numbers");
      }
    }
  }

  static ModelException.Unsupported unsupported(Node layer, String problem) {
    return new ModelException.Unsupported(
        layer.location(),
        layer.op() + " " + problem + ", so it cannot be corrected",
        "fine-tune instead, or prune a model of real numbers without shared weights");
  }

  Tensor tensor() {
    return Objects.requireNonNull(ConstantValue.of(holder));
  }

  /** Extents as the layer reads them. */
  long[] dims() {
    long[] dims = tensor().dims();
    return turned ? new long[] {dims[1], dims[0]} : dims;
  }

  /** The elements in the order in which the layer reads them. */
  double[] numbers() {
    float[] stored = tensor().floats();
    double[] numbers = new double[stored.length];
    for (int i = 0; i < stored.length; i++) {
      numbers[read(i)] = stored[i];
    }
    return numbers;
  }

  /** Adds {@code deltas}, in the order in which the layer reads the weight's elements. */
  void add(double[] deltas) {
    Tensor old = tensor();
    float[] numbers = old.floats();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] += (float) deltas[read(i)];
    }
    ConstantValue.replace(holder, Tensor.ofFloats(old.type(), old.dims(), numbers));
  }

  /** As which element the layer reads the one stored at {@code i}. */
  private int read(int i) {
    if (!turned) {
      return i;
    }
    int columns = Math.toIntExact(tensor().dim(1));
    int rows = Math.toIntExact(tensor().dim(0));
    return i % columns * rows + i / columns;
  }
}
