package io.gohsp.shape;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loop and Scan. A carried value is first taken to keep the shape it starts with; where the body
 * disagrees, the extent is open, and the body is analysed again. What holds then for one iteration
 * holds for all.
 */
final class IterationShapes {
  /**
   * Each round opens at least one extent of a carried value; more rounds than this are not worth
   * the time.
   */
  private static final int MAX_ROUNDS = 4;

  private IterationShapes() {}

  /**
   * Inputs: trip count, condition, carried values. The body takes and returns the same, and returns
   * elements to stack.
   */
  static void loop(NodeFacts facts) {
    Graph body = body(facts);
    int carried = Math.max(0, facts.inputs() - 2);
    require(facts, body.inputs().size() == carried + 2 && body.outputs().size() > carried);
    facts.assume(body.inputs().get(0), new Fact(ElementType.INT64, Shapes.SCALAR, null));
    facts.assume(body.inputs().get(1), new Fact(ElementType.BOOL, Shapes.SCALAR, null));
    iterate(facts, body, 2, 2, 1, carried);
    for (int i = carried; i < facts.outputs() && i + 1 < body.outputs().size(); i++) {
      stack(facts, i, facts.fact(body.outputs().get(i + 1)), 0, null);
    }
  }

  /** Inputs: carried values, then tensors of which each iteration gets one slice. */
  static void scan(NodeFacts facts) {
    Graph body = body(facts);
    int sliced = Math.toIntExact(facts.node().intAttribute("num_scan_inputs", 0));
    int carried = facts.inputs() - sliced;
    if (facts.opset() < 9) { // has a batch axis beside the scanned one
      facts.walk(body);
      return;
    }
    require(
        facts,
        carried >= 0 && body.inputs().size() == facts.inputs() && body.outputs().size() >= carried);
    Size steps = null;
    for (int i = 0; i < sliced; i++) {
      List<Size> whole = facts.shape(carried + i);
      List<Size> slice = null;
      if (whole != null) {
        int axis = facts.axis(axisOf(facts, "scan_input_axes", i), whole.size());
        steps = steps == null || facts.symbols().isFresh(steps) ? whole.get(axis) : steps;
        slice = Shapes.without(whole, axis);
      }
      facts.assume(body.inputs().get(carried + i), new Fact(facts.type(carried + i), slice, null));
    }
    iterate(facts, body, 0, 0, 0, carried);
    for (int i = carried; i < facts.outputs() && i < body.outputs().size(); i++) {
      long axis = axisOf(facts, "scan_output_axes", i - carried);
      stack(facts, i, facts.fact(body.outputs().get(i)), axis, steps);
    }
  }

  private static long axisOf(NodeFacts facts, String attribute, int index) {
    List<Long> axes = facts.node().intsAttribute(attribute);
    return axes == null || index >= axes.size() ? 0 : axes.get(index);
  }

  private static Graph body(NodeFacts facts) {
    Attribute attribute = facts.node().attribute("body");
    if (attribute == null || !(attribute.content() instanceof Attribute.GraphValue graph)) {
      throw facts.malformed("has no body");
    }
    return graph.value();
  }

  private static void require(NodeFacts facts, boolean matches) {
    if (!matches) {
      throw facts.malformed("the body's inputs and outputs do not go with the operands");
    }
  }

  /**
   * Analyses the body until the carried values' facts hold in every iteration, and states the first
   * results.
   *
   * @param operand index of the first carried operand; {@code input} and {@code output}: of the
   *     body
   */
  private static void iterate(
      NodeFacts facts, Graph body, int operand, int input, int output, int carried) {
    List<Fact> initial = new ArrayList<>();
    for (int i = 0; i < carried; i++) {
      Fact declared = Fact.declared(body.inputs().get(input + i), facts.symbols());
      Fact given = new Fact(facts.type(operand + i), facts.shape(operand + i), null);
      initial.add(given.orElse(declared, facts.symbols()));
    }
    List<Fact> assumed = initial;
    for (int round = 0; ; round++) {
      List<Fact> next = new ArrayList<>();
      for (int i = 0; i < carried; i++) {
        facts.assume(body.inputs().get(input + i), assumed.get(i));
      }
      facts.walk(body);
      for (int i = 0; i < carried; i++) {
        Fact returned = facts.fact(body.outputs().get(output + i));
        Fact merged =
            assumed.get(i).merged(returned, body.inputs().get(input + i), facts.symbols());
        next.add(round < MAX_ROUNDS ? merged : new Fact(merged.type(), null, null));
      }
      if (next.equals(assumed)) {
        break;
      }
      assumed = next;
    }
    for (int i = 0; i < carried; i++) {
      facts.result(
          i,
          assumed.get(i).type(),
          afterwards(facts, i, initial.get(i).shape(), assumed.get(i).shape()));
    }
  }

  /** Extents that iterations change have some value in the end. */
  private static @Nullable List<Size> afterwards(
      NodeFacts facts, int output, @Nullable List<Size> initial, @Nullable List<Size> assumed) {
    if (initial == null || assumed == null) {
      return null;
    }
    List<Size> shape = new ArrayList<>();
    for (int axis = 0; axis < assumed.size(); axis++) {
      boolean kept = assumed.get(axis).equals(initial.get(axis));
      shape.add(kept ? assumed.get(axis) : facts.fresh(output, axis));
    }
    return List.copyOf(shape);
  }

  /** One result of all iterations' elements, along a new axis. */
  private static void stack(
      NodeFacts facts, int output, Fact element, long newAxis, @Nullable Size count) {
    if (element.shape() == null) {
      facts.result(output, element.type(), null);
      return;
    }
    int rank = element.shape().size() + 1;
    List<Size> shape = new ArrayList<>(Collections.nCopies(rank, Size.ZERO));
    int stacked = facts.axis(newAxis, rank);
    for (int axis = 0; axis < rank; axis++) {
      Size extent = axis == stacked ? count : element.shape().get(axis < stacked ? axis : axis - 1);
      boolean ofOneIteration =
          axis != stacked
              && extent != null
              && facts.symbols().occurIn(extent)
              && !given(facts, extent);
      shape.set(axis, facts.orFresh(ofOneIteration ? null : extent, output, axis));
    }
    facts.result(output, element.type(), List.copyOf(shape));
  }

  /** Whether the extent is one of an operand, and so is the same in all iterations. */
  private static boolean given(NodeFacts facts, Size extent) {
    for (Value operand : facts.node().inputs()) {
      List<Size> shape = operand == null ? null : facts.fact(operand).shape();
      if (shape != null && shape.contains(extent)) {
        return true;
      }
    }
    return false;
  }
}
