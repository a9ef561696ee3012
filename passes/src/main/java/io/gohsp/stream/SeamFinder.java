package io.gohsp.stream;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.stream.Trace.Bound;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a stream begins and ends, if not all values that have its channels are of it: where
 * inputs of the model or what a norm with a scale of its own returns become part of it, and where
 * outputs of the model, or operators that need the channels as they are, read one of its norms.
 */
final class SeamFinder {
  private final Trace trace;
  private final Map<Value, List<Use>> seams = new LinkedHashMap<>();
  private final Set<Value> returned = new LinkedHashSet<>();

  /** Values that have the channels and are not of the stream. */
  private final Set<Value> outside = new HashSet<>();

  /** Values of {@link #outside} that a node or an output of the model needs as they are. */
  private final Set<Value> needed = new HashSet<>();

  /** Values of {@link #needed} that the last look at the model added to it. */
  private final Set<Value> found = new HashSet<>();

  /** Whether something needs the stream itself, not what norms make of it. */
  private boolean blocked;

  SeamFinder(Trace trace) {
    this.trace = trace;
  }

  /** Where a stream begins and ends; null if it cannot be written otherwise even then. */
  static @Nullable SeamFinder of(Model model, AxisAnalysis analysis, Factor factor) {
    Trace last = last(model, analysis, factor, trace -> false);
    return last.obstacle() == null ? last.seams() : null;
  }

  /**
   * Why a stream cannot be written otherwise, wherever it may begin and end; null if nothing but
   * that speaks against it.
   */
  static @Nullable Fixed reason(Model model, AxisAnalysis analysis, Factor factor) {
    Trace last = last(model, analysis, factor, trace -> trace.seams().blocked);
    return last.seams().blocked ? last.obstacle() : null;
  }

  /** Looks again as long as a look finds more that is needed as it is. */
  private static Trace last(
      Model model, AxisAnalysis analysis, Factor factor, Predicate<Trace> enough) {
    Trace trace = Trace.withSeams(model, analysis, factor);
    SeamFinder finder = trace.seams();
    while (trace.obstacle() != null && !enough.test(trace) && !finder.found.isEmpty()) {
      Set<Value> found = Set.copyOf(finder.found);
      finder.found.clear();
      trace.lookAgain(found);
    }
    return trace;
  }

  /** Channels of the stream. */
  int channels() {
    return trace.factor().count();
  }

  /** Values with the nodes that are to read another one in their place. */
  Map<Value, List<Use>> seams() {
    return seams;
  }

  /** Results of the model that are to be another value. */
  Set<Value> returned() {
    return returned;
  }

  /** What the model takes is not of the stream before something is added to it. */
  void begin(Model model) {
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null && trace.carries(input)) {
        leave(input);
      }
    }
  }

  /** What norms return, the model may return too. */
  void end(Model model) throws Bound {
    for (Value output : model.graph().outputs()) {
      if (trace.carries(output) && !outside.contains(output)) {
        Node producer = output.producer().orElse(null);
        if (producer == null || trace.held(producer, output) == null || !isReadable(output)) {
          block(producer == null || trace.held(producer, output) == null);
          need(output);
          throw new Bound(null, "is part of the model's output \"" + output.name() + "\"");
        }
        trace.undo().add(returned, output);
      }
    }
  }

  /** Whether a node reads nothing of the stream, but what has its channels; then nor does it. */
  boolean isOutside(Node node) throws Bound {
    List<Integer> all = operands(node);
    List<Integer> others = all.stream().filter(i -> outside.contains(node.input(i))).toList();
    boolean needed = node.presentOutputs().anyMatch(this.needed::contains);
    if (needed || (!others.isEmpty() && others.size() == all.size())) {
      if (!leaves(node)) {
        throw new Bound(node, "is needed as it is");
      }
      return true;
    }
    for (int index : others) {
      seam(node, index);
    }
    return false;
  }

  /** What a node reads becomes part of the stream. */
  void enter(Node node, Value value) throws Bound {
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.optionalInput(i) == value) {
        seam(node, i);
      }
    }
  }

  /**
   * Lets a node that is not of the stream read it behind norms. Where it reads it elsewhere, that
   * is needed as it is.
   *
   * @return whether it does not
   */
  boolean leaves(Node node) {
    if (StreamRules.isQuantised(node)) { // its weights would have to be quantised anew
      block(true);
      return false;
    }
    List<Integer> inside =
        operands(node).stream().filter(i -> !outside.contains(node.input(i))).toList();
    boolean all = true;
    for (int index : inside) {
      Value operand = node.input(index);
      if (trace.norm(operand) == null || !isReadable(operand)) {
        block(trace.norm(operand) == null);
        need(operand);
        all = false;
      }
    }
    if (all) {
      inside.forEach(index -> add(node, index));
      node.presentOutputs().filter(trace::carries).forEach(this::leave);
    }
    return all;
  }

  /** A value is needed as it is, whatever is looked at again. */
  private void need(Value value) {
    if (needed.add(value)) {
      found.add(value);
    }
  }

  private void block(boolean that) {
    if (that && !blocked) {
      blocked = true;
      trace.undo().add(() -> blocked = false);
    }
  }

  private void leave(Value value) {
    trace.ofStream(value);
    trace.undo().add(outside, value);
  }

  private List<Integer> operands(Node node) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value operand = node.optionalInput(i);
      boolean counts =
          operand != null
              && trace.carries(operand)
              && (outside.contains(operand) || !trace.analysis().isConstant(operand));
      if (counts) {
        all.add(i);
      }
    }
    return all;
  }

  private void seam(Node node, int index) throws Bound {
    if (!isReadable(node.input(index))) {
      need(node.input(index));
      throw new Bound(node, "takes what a norm with a scale of its own returns for the stream");
    }
    add(node, index);
  }

  private void add(Node node, int index) {
    Value value = node.input(index);
    List<Use> uses = seams.get(value);
    if (uses == null) {
      uses = new ArrayList<>();
      trace.undo().put(seams, value, uses);
    }
    Use use = new Use(node, index);
    if (!uses.contains(use)) {
      trace.undo().add(uses, use);
    }
  }

  /** A layer reads the last axis. */
  private boolean isReadable(Value value) {
    List<AxisLayout> layouts = trace.analysis().layout(value);
    return layouts != null
        && layouts.size() > 1
        && layouts.get(layouts.size() - 1).equals(new Leaf(trace.factor()));
  }
}
