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
import java.util.ArrayList;
import java.util.HashMap;
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

  /** A layer that reads what a norm returns, whose shift moves into its bias. */
  record Reader(Node node, Norm norm) {}

  private final Model model;
  private final AxisAnalysis analysis;
  private final Factor factor;
  private final Map<Value, @Nullable Norm> held = new LinkedHashMap<>();
  private final List<Norm> norms = new ArrayList<>();
  private final ConstantChanges constants;
  private final List<Reader> readers = new ArrayList<>();
  private final Set<Node> written = new HashSet<>();
  private @Nullable Fixed obstacle;
  private final Undo undo = new Undo();

  /** What there is to see: all nodes with the channels, each after what it reads. */
  private final List<Node> nodes;

  private final Map<Node, Integer> places = new HashMap<>();

  /** By node how many changes there were before it was seen. */
  private final int[] before;

  /** Where the stream is to begin and end; null where all that has its channels is of it. */
  private @Nullable SeamFinder seams;

  private Trace(Model model, AxisAnalysis analysis, Factor factor) {
    this.model = model;
    this.analysis = analysis;
    this.factor = factor;
    this.constants = new ConstantChanges(this);
    this.nodes = Traversal.nodesWithin(model.graph()).filter(this::isOn).toList();
    this.before = new int[nodes.size()];
    for (Node node : nodes) {
      places.put(node, places.size());
    }
  }

  /** Follows a factor through all nodes. */
  static Trace of(Model model, AxisAnalysis analysis, Factor factor) {
    return new Trace(model, analysis, factor).followed();
  }

  /** Follows a factor of which not all may be of the stream, as far as the first obstacle. */
  static Trace withSeams(Model model, AxisAnalysis analysis, Factor factor) {
    Trace trace = new Trace(model, analysis, factor);
    trace.seams = new SeamFinder(trace);
    return trace.followed();
  }

  private Trace followed() {
    try {
      if (seams == null) {
        requireInside();
      } else {
        seams.begin(model);
      }
      follow(0);
    } catch (Bound bound) {
      obstacle = bound.reason;
    }
    return this;
  }

  /** Sees nodes from some on. */
  private void follow(int from) throws Bound {
    for (int i = from; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      before[i] = undo.changes();
      AtNode.get(node, () -> visit(node));
      if (obstacle != null) {
        return;
      }
    }
    if (norms.isEmpty()) {
      throw new Bound(null, "has no norm");
    }
    if (seams == null) {
      finish();
    } else {
      seams.end(model);
    }
  }

  /**
   * Looks again at all behind an obstacle that is of values which turned out to be needed as they
   * are: from the first node that computes one of them on, since what was seen before would be seen
   * alike.
   *
   * @param needed what turned out since the last look
   */
  void lookAgain(Set<Value> needed) {
    int from =
        needed.stream()
            .flatMap(value -> value.producer().stream())
            .mapToInt(node -> places.getOrDefault(node, nodes.size()))
            .min()
            .orElse(nodes.size());
    if (from == nodes.size()) {
      return; // what a model takes, or stores, is what it is
    }
    undo.backTo(before[from]);
    obstacle = null;
    try {
      follow(from);
    } catch (Bound bound) {
      obstacle = bound.reason;
    }
  }

  private boolean visit(Node node) {
    try {
      if (written.contains(node) || (seams != null && seams.isOutside(node))) {
        return true;
      }
      for (Value value : all(node).toList()) {
        requireWhole(value, node);
      }
      WrittenNorm norm = WrittenNorm.startingAt(node);
      if (norm != null && takesMeans(norm)) {
        StreamRules.normalise(norm, this);
        norm.nodes().forEach(part -> undo.add(written, part));
        return true;
      }
      boolean constant =
          ConstantChanges.handsOn(node) && node.presentOutputs().allMatch(analysis::isConstant);
      if (!constant) { // else whoever reads it says what becomes of it
        StreamRules.of(node).follow(node, this);
      }
      return true;
    } catch (Bound bound) {
      if (seams != null && seams.leaves(node)) {
        return true;
      }
      obstacle = bound.reason;
      return false;
    }
  }

  /** What a model takes and returns stays what it is. */
  private void requireInside() throws Bound {
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
    if (norms.stream().map(norm -> norm.centred()).distinct().count() > 1) {
      throw new Bound(norms.get(0).node(), "has norms of two kinds");
    }
  }

  /** Whether a norm reads the channels, wherever an obstacle stands. */
  boolean isNormed() {
    return nodes.stream()
        .filter(
            node ->
                FusedNorm.operators().contains(node.op().type())
                    || WrittenNorm.startingAt(node) != null)
        .anyMatch(node -> carries(node.input(0)));
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

  void requireWhole(Value value, Node node) throws Bound {
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

  /** Through which all changes go that depend on what was seen. */
  Undo undo() {
    return undo;
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
      constants.turn(node, value);
      return null;
    }
    if (!held.containsKey(value)) {
      throw new Bound(node, "reads channels that are computed in a way that is not followed");
    }
    return held.get(value);
  }

  /** The norm whose result the value is; null if it is none's. */
  @Nullable Norm norm(Value value) {
    return held.get(value);
  }

  /** Requires values of the stream itself, not behind a norm. */
  void requireStream(Node node, List<Value> operands) throws Bound {
    for (Value operand : operands) {
      if (carries(operand) && held(node, operand) != null) {
        if (seams == null) {
          throw new Bound(node, "takes what a norm with a scale of its own returns for the stream");
        }
        seams.enter(node, operand);
      }
    }
  }

  /** Whether results of norms may become part of the stream. */
  boolean mayEnter() {
    return seams != null;
  }

  /** The results that carry channels are of that norm, or of the stream itself. */
  void results(Node node, @Nullable Norm norm) {
    node.presentOutputs().filter(this::carries).forEach(out -> undo.put(held, out, norm));
  }

  /** A result is of the stream itself. */
  void ofStream(@Nullable Value result) {
    if (result != null) {
      undo.put(held, result, null);
    }
  }

  /** Whether a value is of the stream itself, and another basis changes it as the stream. */
  boolean isOfStream(Value value) {
    return held.containsKey(value) && held.get(value) == null && !constants.isScaled(value);
  }

  void norm(Norm norm) {
    undo.add(norms, norm);
    undo.put(held, norm.result(), norm);
  }

  void reader(Node node, Norm norm) {
    undo.add(readers, new Reader(node, norm));
  }

  /** Where the stream is to begin and end. */
  SeamFinder seams() {
    return Objects.requireNonNull(seams);
  }

  /** Why the stream cannot be written otherwise; null if it can. */
  @Nullable Fixed obstacle() {
    return obstacle;
  }

  List<Norm> norms() {
    return norms;
  }

  /** What becomes of the constants on the way. */
  ConstantChanges constants() {
    return constants;
  }

  List<Reader> readers() {
    return readers;
  }

  /** Whether norms take the mean off. */
  boolean isCentred() {
    return !norms.isEmpty() && norms.get(0).centred();
  }
}
