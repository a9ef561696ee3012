package io.gohsp.stream;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.DataOperands;
import io.gohsp.stream.Trace.Bound;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a change of basis of a stream asks of every stored constant that has its channels. */
final class ConstantChanges {
  /**
   * What a constant becomes.
   *
   * @param scale its lines along the channels are multiplied by these numbers, and then turned
   * @param reads whether it reads what a norm returns
   * @param filled instead of all that: the number that it holds everywhere; null if turned
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by hand
  record Change(double[] scale, boolean reads, @Nullable Double filled) {
    boolean isSame(Change other) {
      return reads == other.reads
          && Objects.equals(filled, other.filled)
          && Arrays.equals(scale, other.scale);
    }
  }

  /** Operators that hand constants on. */
  private static final Set<String> HANDING_ON =
      Set.of(
          "Constant",
          "Identity",
          "Cast",
          "Transpose",
          "Reshape",
          "Squeeze",
          "Unsqueeze",
          "Concat",
          "Expand",
          "Slice",
          "Gather",
          "Tile");

  private final Trace trace;
  private final Map<Value, Change> changes = new LinkedHashMap<>();

  /** What is multiplied before it joins the stream, and then no longer. */
  private final Set<Value> scaled = new HashSet<>();

  ConstantChanges(Trace trace) {
    this.trace = trace;
  }

  /** Whether a node hands on what it reads, if only in another shape. */
  static boolean handsOn(Node node) {
    return HANDING_ON.contains(node.op().type());
  }

  private double[] ones() {
    double[] ones = new double[trace.factor().count()];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** The stored constants that a constant value hands on. */
  private List<Value> sources(Node reader, Value value) throws Bound {
    if (ConstantValue.of(value) != null) {
      return List.of(value);
    }
    Node producer = value.producer().orElse(null);
    if (producer == null || !handsOn(producer)) {
      throw new Bound(
          producer == null ? reader : producer, "computes numbers of the stream from constants");
    }
    List<Value> all = new ArrayList<>();
    for (Value operand : DataOperands.of(producer)) {
      all.addAll(sources(reader, operand));
    }
    return all;
  }

  /** A constant is turned along the channels. */
  void turn(Node reader, Value value) throws Bound {
    turn(reader, value, ones(), false);
  }

  /** A weight that reads what a norm returns is turned, too, its lines scaled first. */
  void turnReader(Node reader, Value weight, double[] scale) throws Bound {
    turn(reader, weight, scale, true);
  }

  private void turn(Node reader, Value value, double[] scale, boolean reads) throws Bound {
    for (Value source : sources(reader, value)) {
      change(reader, source, new Change(scale, reads, null));
    }
  }

  /** A constant holds one number for all channels from now on. */
  void fill(Node reader, Value value, double number) throws Bound {
    for (Value source : sources(reader, value)) {
      change(reader, source, new Change(ones(), false, number));
    }
  }

  private void change(Node reader, Value constant, Change change) throws Bound {
    Tensor tensor = Objects.requireNonNull(ConstantValue.of(constant));
    if (!tensor.type().isFloating()) {
      throw new Bound(reader, "keeps numbers of the stream in " + tensor.type());
    }
    trace.requireWhole(constant, reader);
    if (!trace.carries(constant)) {
      throw new Bound(reader, "repeats one number in all channels");
    }
    Change known = changes.get(constant);
    if (known == null) {
      trace.undo().put(changes, constant, change);
    } else if (!known.isSame(change)) {
      throw new Bound(reader, "shares numbers of the stream with a part that needs them otherwise");
    }
  }

  /**
   * Moves a scale of single channels into everything that makes a value up.
   *
   * @param scale for each channel
   * @throws Bound if other parts read some of that, too
   */
  void scaleBehind(Node by, Value value, double[] scale) throws Bound {
    trace.undo().add(scaled, value);
    if (value.uses().size() != 1 || value.isGraphOutput()) {
      throw new Bound(by, "is multiplied channel by channel, but for other readers it is not");
    }
    if (ConstantValue.of(value) != null && trace.carries(value)) {
      Change old = changes.get(value);
      if (old == null || old.reads() || old.filled() != null) {
        throw new Bound(by, "is multiplied channel by channel");
      }
      double[] product = old.scale().clone();
      Arrays.setAll(product, i -> product[i] * scale[i]);
      trace.undo().put(changes, value, new Change(product, false, null));
      return;
    }
    Node producer = value.producer().orElse(null);
    if (producer == null || !StreamRules.isLinear(producer)) {
      throw new Bound(by, "is multiplied channel by channel");
    }
    for (Value operand : producer.presentInputs().filter(trace::carries).toList()) {
      scaleBehind(by, operand, scale);
    }
  }

  /** Whether a value holds its scale already where the stream is written otherwise. */
  boolean isScaled(Value value) {
    return scaled.contains(value);
  }

  /** By stored constant what it becomes. */
  Map<Value, Change> all() {
    return changes;
  }

  /** By channel, whether any constant that writes the stream holds anything but zeroes there. */
  boolean[] written() {
    boolean[] written = new boolean[trace.factor().count()];
    changes.forEach(
        (constant, change) -> {
          if (!change.reads() && change.filled() == null) {
            double[] elements = Objects.requireNonNull(ConstantValue.of(constant)).doubles();
            int inner = inner(constant);
            for (int i = 0; i < elements.length; i++) {
              int channel = i / inner % written.length;
              written[channel] |= elements[i] * change.scale()[channel] != 0;
            }
          }
        });
    return written;
  }

  /** Elements from one channel of a constant to the next. */
  int inner(Value constant) {
    List<AxisLayout> layouts = Objects.requireNonNull(trace.analysis().layout(constant));
    int inner = 1;
    for (int axis = layouts.size() - 1;
        !layouts.get(axis).equals(new Leaf(trace.factor()));
        axis--) {
      inner *= Math.toIntExact(layouts.get(axis).size().value());
    }
    return inner;
  }
}
