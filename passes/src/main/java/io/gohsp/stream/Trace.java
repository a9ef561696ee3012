package io.gohsp.stream;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.AtNode;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.DataOperands;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows the channels of one stream through a model, from what writes them to what reads them, and
 * finds out what a change of basis asks of every constant on the way: or which node does not allow
 * one.
 */
final class Trace {
  /** That a stream cannot be written in another basis. */
  static final class Bound extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Fixed reason;

    Bound(@Nullable Node node, String reason) {
      super(reason);
      this.reason = new Fixed(node, reason);
    }
  }

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

  /** A layer that reads what a norm returns, whose shift moves into its bias. */
  record Reader(Node node, Norm norm) {}

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
          "Tile");

  private final AxisAnalysis analysis;
  private final Factor factor;
  private final Map<Value, @Nullable Norm> held = new LinkedHashMap<>();
  private final List<Norm> norms = new ArrayList<>();
  private final Map<Value, Change> changes = new LinkedHashMap<>();
  private final List<Reader> readers = new ArrayList<>();
  private final Set<Node> written = new HashSet<>();
  private @Nullable Fixed obstacle;

  private Trace(AxisAnalysis analysis, Factor factor) {
    this.analysis = analysis;
    this.factor = factor;
  }

  /** Follows a factor through all nodes. */
  static Trace of(Model model, AxisAnalysis analysis, Factor factor) {
    Trace trace = new Trace(analysis, factor);
    try {
      trace.requireInside(model);
      for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
        if (trace.isOn(node)) {
          AtNode.get(node, () -> trace.visit(node));
        }
        if (trace.obstacle != null) {
          return trace;
        }
      }
      trace.finish();
    } catch (Bound bound) {
      trace.obstacle = bound.reason;
    }
    return trace;
  }

  private boolean visit(Node node) {
    try {
      for (Value value : all(node).toList()) {
        requireWhole(value, node);
      }
      if (written.contains(node)) {
        return true;
      }
      WrittenNorm norm = WrittenNorm.startingAt(node);
      if (norm != null && takesMeans(norm)) {
        StreamRules.normalise(norm, this);
        written.addAll(norm.nodes());
        return true;
      }
      boolean constant =
          HANDING_ON.contains(node.op().type())
              && node.presentOutputs().allMatch(analysis::isConstant);
      if (!constant) { // else whoever reads it says what becomes of it
        StreamRules.of(node).follow(node, this);
      }
      return true;
    } catch (Bound bound) {
      obstacle = bound.reason;
      return false;
    }
  }

  /** What a model takes and returns stays what it is. */
  private void requireInside(Model model) throws Bound {
    for (Value end : model.graph().outputs()) {
      if (carries(end)) {
        throw new Bound(null, "is part of the model's output \"" + end.name() + "\"");
      }
    }
    for (Value start : model.graph().inputs()) {
      if (start.constant() == null && carries(start)) {
        throw new Bound(null, "is part of the model's input \"" + start.name() + "\"");
      }
    }
  }

  /** Whether its means are over the channels and nothing else. */
  private boolean takesMeans(WrittenNorm norm) {
    return norm.nodes().stream()
        .filter(node -> node.is("ReduceMean"))
        .allMatch(
            node -> {
              List<AxisLayout> from = analysis.layout(node.input(0));
              List<AxisLayout> to = analysis.layout(node.output());
              if (from == null || to == null || from.size() != to.size()) {
                return false;
              }
              int last = from.size() - 1;
              return from.get(last).equals(new Leaf(factor))
                  && to.get(last).size().is(1)
                  && from.subList(0, last).equals(to.subList(0, last));
            });
  }

  private void finish() throws Bound {
    if (norms.isEmpty()) {
      throw new Bound(null, "has no norm");
    }
    if (norms.stream().map(norm -> norm.centred()).distinct().count() > 1) {
      throw new Bound(norms.get(0).node(), "has norms of two kinds");
    }
    for (Reader reader : readers) {
      if (Arrays.stream(reader.norm().shifts(factor.count())).anyMatch(shift -> shift != 0)
          && !ReaderBias.isKnown(reader.node())) {
        throw new Bound(
            reader.node(), "reads the shift of a norm with weights that are not its own");
      }
    }
  }

  private static Stream<Value> all(Node node) {
    return Stream.concat(node.presentInputs(), node.presentOutputs());
  }

  private boolean isOn(Node node) {
    return all(node).anyMatch(this::carries);
  }

  /** Whether the channels are on an axis of the value. */
  boolean carries(@Nullable Value value) {
    List<AxisLayout> layouts = value == null ? null : analysis.layout(value);
    return layouts != null
        && layouts.stream().flatMap(AxisLayout::factors).anyMatch(f -> f == factor);
  }

  private void requireWhole(Value value, Node node) throws Bound {
    if (carries(value)) {
      List<AxisLayout> axes =
          Objects.requireNonNull(analysis.layout(value)).stream()
              .filter(axis -> axis.factors().anyMatch(f -> f == factor))
              .toList();
      if (axes.size() > 1) {
        throw new Bound(node, "has the channels on two axes of one value");
      }
      if (!(axes.get(0) instanceof Leaf)) {
        throw new Bound(node, "groups the channels with other axes");
      }
    }
  }

  AxisAnalysis analysis() {
    return analysis;
  }

  Factor factor() {
    return factor;
  }

  /**
   * What the operands of a node that carry the channels are: of which norm the results, or none.
   */
  List<@Nullable Norm> held(Node node, List<Value> operands) throws Bound {
    List<@Nullable Norm> all = new ArrayList<>();
    for (Value operand : operands) {
      if (carries(operand)) {
        all.add(held(node, operand));
      }
    }
    return all;
  }

  /** The norm whose result the value is; null if it is of the stream itself. */
  @Nullable Norm held(Node node, Value value) throws Bound {
    if (!held.containsKey(value) && analysis.isConstant(value)) {
      turn(node, value, ones(), false);
      return null;
    }
    if (!held.containsKey(value)) {
      throw new Bound(node, "reads channels that are computed in a way that is not followed");
    }
    return held.get(value);
  }

  private double[] ones() {
    double[] ones = new double[factor.count()];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Requires values of the stream itself, not behind a norm. */
  void requireStream(Node node, List<Value> operands) throws Bound {
    for (Norm norm : held(node, operands)) {
      if (norm != null) {
        throw new Bound(node, "takes what a norm with a scale of its own returns for the stream");
      }
    }
  }

  /** The results that carry channels are of that norm, or of the stream itself. */
  void results(Node node, @Nullable Norm norm) {
    node.presentOutputs().filter(this::carries).forEach(out -> held.put(out, norm));
  }

  /** A result is of the stream itself. */
  void ofStream(@Nullable Value result) {
    if (result != null) {
      held.put(result, null);
    }
  }

  void norm(Norm norm) {
    norms.add(norm);
    held.put(norm.result(), norm);
  }

  void reader(Node node, Norm norm) {
    readers.add(new Reader(node, norm));
  }

  /** The stored constants that a constant value hands on. */
  private List<Value> sources(Node reader, Value value) throws Bound {
    if (ConstantValue.of(value) != null) {
      return List.of(value);
    }
    Node producer = value.producer().orElse(null);
    if (producer == null || !HANDING_ON.contains(producer.op().type())) {
      throw new Bound(
          producer == null ? reader : producer, "computes numbers of the stream from constants");
    }
    List<Value> all = new ArrayList<>();
    for (Value operand : DataOperands.of(producer)) {
      all.addAll(sources(reader, operand));
    }
    return all;
  }

  /** A constant is turned along the channels, its lines scaled first. */
  void turn(Node reader, Value value, double[] scale, boolean reads) throws Bound {
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
    requireWhole(constant, reader);
    if (!carries(constant)) {
      throw new Bound(reader, "repeats one number in all channels");
    }
    Change known = changes.putIfAbsent(constant, change);
    if (known != null && !known.isSame(change)) {
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
    if (value.uses().size() != 1 || value.isGraphOutput()) {
      throw new Bound(by, "is multiplied channel by channel, but for other readers it is not");
    }
    if (ConstantValue.of(value) != null && carries(value)) {
      Change old = changes.get(value);
      if (old == null || old.reads() || old.filled() != null) {
        throw new Bound(by, "is multiplied channel by channel");
      }
      double[] product = old.scale().clone();
      Arrays.setAll(product, i -> product[i] * scale[i]);
      changes.put(value, new Change(product, false, null));
      return;
    }
    Node producer = value.producer().orElse(null);
    if (producer == null || !StreamRules.isLinear(producer)) {
      throw new Bound(by, "is multiplied channel by channel");
    }
    for (Value operand : producer.presentInputs().filter(this::carries).toList()) {
      scaleBehind(by, operand, scale);
    }
  }

  /** Why the stream cannot be written otherwise; null if it can. */
  @Nullable Fixed obstacle() {
    return obstacle;
  }

  List<Norm> norms() {
    return norms;
  }

  Map<Value, Change> changes() {
    return changes;
  }

  /** By channel, whether any constant that writes the stream holds anything but zeroes there. */
  boolean[] written() {
    boolean[] written = new boolean[factor.count()];
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
    List<AxisLayout> layouts = Objects.requireNonNull(analysis.layout(constant));
    int inner = 1;
    for (int axis = layouts.size() - 1; !layouts.get(axis).equals(new Leaf(factor)); axis--) {
      inner *= Math.toIntExact(layouts.get(axis).size().value());
    }
    return inner;
  }

  List<Reader> readers() {
    return readers;
  }

  /** Whether norms take the mean off. */
  boolean isCentred() {
    return !norms.isEmpty() && norms.get(0).centred();
  }
}
