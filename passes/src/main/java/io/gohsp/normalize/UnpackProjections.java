package io.gohsp.normalize;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.Axes;
import io.gohsp.op.GatherOp;
import io.gohsp.op.SliceOp;
import io.gohsp.op.SplitOp;
import io.gohsp.op.SqueezeOp;
import io.gohsp.op.TransposeOp;
import io.gohsp.op.UnsqueezeOp;
import io.gohsp.rewrite.OperandEditor;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes a packed projection apart before its axis is reshaped: {@code [.., 3*H*d] -> [.., 3, H, d]
 * -> select} becomes {@code [.., 3*H*d] -> split -> [.., 1, H, d] each}. The projection stays one
 * MatMul; queries, keys and values may then have different widths. What is computed does not
 * change.
 */
public final class UnpackProjections {
  /** Operators that treat every element alike, given scalar operands. */
  private static final Set<String> POINTWISE =
      Set.of("Identity", "Cast", "QuantizeLinear", "DequantizeLinear", "Mul", "Div", "Dropout");

  private final ShapeFacts facts;
  private final Set<Node> removed = Collections.newSetFromMap(new IdentityHashMap<>());

  private UnpackProjections(ShapeFacts facts) {
    this.facts = facts;
  }

  /**
   * Unpacks every packed projection whose reshape is {@code wanted}.
   *
   * @param facts shapes of this very model; out of date afterwards
   * @return how many were unpacked
   */
  public static int run(Model model, ShapeFacts facts, Predicate<Node> wanted) {
    UnpackProjections pass = new UnpackProjections(facts);
    int unpacked = 0;
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      if (node.is("Reshape") && !pass.removed.contains(node) && wanted.test(node)) {
        unpacked += pass.unpack(node) ? 1 : 0;
      }
    }
    return unpacked;
  }

  /**
   * The way from the reshape to the selections.
   *
   * @param reshape makes the axis of parts
   * @param inputAxis the axis of its operand that is taken apart
   * @param partAxis the axis of its result that counts the parts
   * @param parts how many there are
   * @param minor extent of what varies faster than the part inside the operand's axis
   * @param outer extent of what varies slower
   * @param chain nodes between, in order, with the position of the part axis in each one's result
   * @param selections nodes that take parts
   */
  private record Packed(
      Node reshape,
      int inputAxis,
      int partAxis,
      int parts,
      long minor,
      long outer,
      List<Step> chain,
      List<Node> selections) {}

  private record Step(Node node, int partAxis) {}

  private boolean unpack(Node reshape) {
    List<Size> out = facts.shape(reshape.output());
    if (out == null || facts.shape(reshape.input(0)) == null) {
      return false;
    }
    for (int axis = 0; axis < out.size(); axis++) {
      if (out.get(axis).isKnown() && out.get(axis).value() > 1 && out.get(axis).value() <= 4) {
        Packed packed = match(reshape, axis);
        if (packed != null) {
          rewrite(packed);
          return true;
        }
      }
    }
    return false;
  }

  private @Nullable Packed match(Node reshape, int partAxis) {
    List<Size> in = Objects.requireNonNull(facts.shape(reshape.input(0)));
    List<Size> out = Objects.requireNonNull(facts.shape(reshape.output()));
    Size before = product(out.subList(0, partAxis));
    Size through = Size.ONE;
    int inputAxis = 0;
    while (inputAxis < in.size() && before.dividedBy(through.times(in.get(inputAxis))) != null) {
      through = through.times(in.get(inputAxis++));
    }
    if (inputAxis == in.size() || !in.get(inputAxis).isKnown()) {
      return null;
    }
    Size outer = before.dividedBy(through);
    Size parts = out.get(partAxis);
    Size minor = outer == null ? null : in.get(inputAxis).dividedBy(outer.times(parts));
    if (outer == null || minor == null || !outer.isKnown() || !minor.isKnown()) {
      return null;
    }
    List<Step> chain = new ArrayList<>();
    Value value = reshape.output();
    int axis = partAxis;
    while (value.uses().size() == 1 && !value.isGraphOutput()) {
      Node next = value.uses().get(0).node();
      int moved = value.uses().get(0).index() == 0 ? axisAfter(next, axis) : -1;
      if (moved < 0) {
        break;
      }
      chain.add(new Step(next, moved));
      value = next.output();
      axis = moved;
    }
    List<Node> selections = new ArrayList<>();
    for (Use use : value.uses()) {
      if (use.index() != 0
          || parts(use.node(), axis, parts.value()) == null
          || use.node().presentOutputs().anyMatch(Value::isGraphOutput)) {
        return null;
      }
      selections.add(use.node());
    }
    boolean returned = value.isGraphOutput() || selections.isEmpty();
    return returned
        ? null
        : new Packed(
            reshape,
            inputAxis,
            partAxis,
            Math.toIntExact(parts.value()),
            minor.value(),
            outer.value(),
            chain,
            selections);
  }

  private static Size product(List<Size> sizes) {
    return sizes.stream().reduce(Size.ONE, Size::times);
  }

  /** Where an axis goes in a node that only moves axes; -1 if the node does something else. */
  private int axisAfter(Node node, int axis) {
    List<Size> in = facts.shape(node.input(0));
    if (in == null) {
      return -1;
    }
    if (POINTWISE.contains(node.op().type()) && operandsAreScalars(node)) {
      return axis;
    }
    if (node.is("Reshape")) {
      return keptByReshape(node, axis);
    }
    if (node.is("Transpose")) {
      return TransposeOp.of(node).perm(in.size()).indexOf(axis);
    }
    if (node.is("Squeeze")) {
      SqueezeOp squeeze = SqueezeOp.of(node, facts::constants);
      List<Integer> gone =
          squeeze.all() ? null : squeeze.axes(in.size()); // all ones: the part would be one of them
      return gone == null || gone.contains(axis)
          ? -1
          : axis - (int) gone.stream().filter(a -> a < axis).count();
    }
    if (node.is("Unsqueeze")) {
      List<Integer> added = UnsqueezeOp.of(node, facts::constants).axes(in.size());
      if (added == null) {
        return -1;
      }
      return IntStream.range(0, in.size() + added.size())
          .filter(a -> !added.contains(a))
          .skip(axis)
          .findFirst()
          .orElse(-1);
    }
    return -1;
  }

  /** The same axis at the same place, with other axes regrouped behind it; -1 if it is not so. */
  private int keptByReshape(Node node, int axis) {
    List<Size> in = facts.shape(node.input(0));
    List<Size> out = facts.shape(node.output());
    boolean kept =
        in != null
            && out != null
            && axis < out.size()
            && facts.data(node.input(1)) != null
            && in.subList(0, axis + 1).equals(out.subList(0, axis + 1));
    return kept ? axis : -1;
  }

  private boolean operandsAreScalars(Node node) {
    return node.presentInputs()
        .skip(1)
        .map(facts::shape)
        .allMatch(
            shape ->
                shape != null && shape.stream().allMatch(size -> size.is(1)) && shape.size() <= 1);
  }

  /** Which part each output of a selecting node is; null if it does not take whole single parts. */
  private int @Nullable [] parts(Node node, int axis, long parts) {
    List<Size> in = facts.shape(node.input(0));
    if (in == null) {
      return null;
    }
    int rank = in.size();
    if (node.is("Split")) {
      SplitOp split = SplitOp.of(node, facts::constants);
      List<Long> sizes = split.axis(rank) == axis ? split.sizes(parts) : null;
      boolean single =
          sizes != null && sizes.size() == parts && sizes.stream().allMatch(s -> s == 1);
      return single ? IntStream.range(0, (int) parts).toArray() : null;
    }
    if (node.is("Gather")) {
      long[] index = facts.constants(node.input(1));
      boolean one = GatherOp.of(node).axis(rank) == axis && index != null && index.length == 1;
      return one ? new int[] {(int) Math.floorMod(index[0], parts)} : null;
    }
    if (node.is("Slice")) {
      SliceOp slice = SliceOp.of(node, facts::constants);
      if (slice.axes() == null || slice.starts() == null || slice.axes().size() != 1) {
        return null;
      }
      List<Size> out = facts.shape(node.output());
      boolean one =
          Axes.normalize(node, slice.axes().get(0), rank) == axis
              && out != null
              && out.get(axis).is(1);
      return one ? new int[] {(int) Math.floorMod(slice.starts().get(0), parts)} : null;
    }
    return null;
  }

  private void rewrite(Packed packed) {
    Node reshape = packed.reshape();
    Graph graph = reshape.graph();
    Value source = reshape.input(0);
    int axis = packed.inputAxis();
    if (packed.outer() > 1) {
      source = regrouped(packed);
      axis++;
    }
    Node split =
        graph.insertBefore(
            reshape,
            OpId.of("Split"),
            reshape.output().name() + "_part",
            List.of(source),
            packed.parts());
    split.setAttribute(Attribute.of("axis", (long) axis));
    long[] sizes = new long[packed.parts()];
    Arrays.fill(sizes, packed.minor());
    if (graph.model().opset() >= 13) {
      split.setInput(
          1,
          graph.addInitializer(
              graph.model().names().fresh(split.output(0).name() + "_sizes"),
              Tensor.ofLongs(sizes)));
    } else {
      split.setAttribute(Attribute.ofInts("split", Arrays.stream(sizes).boxed().toList()));
    }
    List<Value> ends = new ArrayList<>();
    for (int part = 0; part < packed.parts(); part++) {
      ends.add(chain(packed, split.output(part)));
    }
    packed.selections().forEach(selection -> replace(selection, packed, ends));
    removeDead(packed);
  }

  /** Where parts alternate inside the axis, [.., H*3*d] is first seen as [.., H, 3*d]. */
  private Value regrouped(Packed packed) {
    Node reshape = packed.reshape();
    List<Size> in = Objects.requireNonNull(facts.shape(reshape.input(0)));
    long[] target = new long[in.size() + 1];
    int inferred = -1;
    for (int i = 0; i < in.size(); i++) {
      int at = i <= packed.inputAxis() ? i : i + 1;
      target[at] = in.get(i).isKnown() ? in.get(i).value() : i < packed.inputAxis() ? 0 : -1;
      inferred = target[at] == -1 ? at : inferred;
    }
    target[packed.inputAxis()] = packed.outer();
    target[packed.inputAxis() + 1] = packed.parts() * packed.minor();
    Graph graph = reshape.graph();
    String name = reshape.output().name() + "_regrouped";
    Value shape =
        graph.addInitializer(graph.model().names().fresh(name + "_shape"), Tensor.ofLongs(target));
    return graph.insertBefore(reshape, OpId.of("Reshape"), name, reshape.input(0), shape).output();
  }

  /** The reshape and what follows it, for one part: the part axis stays, with extent one. */
  private Value chain(Packed packed, Value part) {
    Node reshape = packed.reshape();
    Node own =
        reshape
            .graph()
            .insertBefore(
                reshape,
                reshape.op(),
                reshape.output().name() + "_of_part",
                part,
                reshape.input(1));
    reshape.attributes().forEach(own::setAttribute);
    singlePart(
        own, packed.partAxis(), Objects.requireNonNull(facts.shape(reshape.output())).size());
    Value value = own.output();
    for (Step step : packed.chain()) {
      Node original = step.node();
      List<@Nullable Value> inputs = new ArrayList<>(original.inputs());
      inputs.set(0, value);
      Node copy =
          original
              .graph()
              .insertBefore(
                  original, original.op(), original.output().name() + "_of_part", inputs, 1);
      original.attributes().forEach(copy::setAttribute);
      if (copy.is("Reshape")) {
        singlePart(
            copy, step.partAxis(), Objects.requireNonNull(facts.shape(original.output())).size());
      }
      value = copy.output();
    }
    return value;
  }

  private void singlePart(Node reshape, int partAxis, int rank) {
    List<@Nullable Size> required = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      required.add(i == partAxis ? Size.ONE : null);
    }
    new OperandEditor(reshape, 1, facts, facts).require(required);
  }

  private void replace(Node selection, Packed packed, List<Value> ends) {
    int axis =
        packed.chain().isEmpty()
            ? packed.partAxis()
            : packed.chain().get(packed.chain().size() - 1).partAxis();
    int[] parts = Objects.requireNonNull(parts(selection, axis, packed.parts()));
    if (selection.is("Gather")) {
      Graph graph = selection.graph();
      long[] dims =
          Objects.requireNonNull(facts.shape(selection.input(1))).stream()
              .mapToLong(Size::value)
              .toArray();
      Tensor zero =
          Tensor.ofIntegers(Objects.requireNonNull(facts.type(selection.input(1))), dims, 0);
      selection.setInput(
          1,
          graph.addInitializer(
              graph.model().names().fresh(selection.output().name() + "_index"), zero));
      selection.setInput(0, ends.get(parts[0]));
      return;
    }
    for (int i = 0; i < parts.length; i++) {
      Value taken = selection.optionalOutput(i);
      if (taken != null) {
        taken.replaceAllUsesWith(ends.get(parts[i]));
      }
    }
    selection.graph().remove(selection);
  }

  private void removeDead(Packed packed) {
    for (int i = packed.chain().size() - 1; i >= 0; i--) {
      Node node = packed.chain().get(i).node();
      node.graph().remove(node);
      removed.add(node);
    }
    packed.reshape().graph().remove(packed.reshape());
  }
}
