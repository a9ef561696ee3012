package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.AtNode;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.GatherOp;
import io.gohsp.op.SliceOp;
import io.gohsp.op.SplitOp;
import io.gohsp.plan.Keeps;
import io.gohsp.rewrite.OperandEditor;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.shape.SymbolicTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Operands that state an extent: one row per operator says what an entry has to be. Entries that
 * still evaluate to the right number are left alone; for the others the node gets an operand of its
 * own, since exporters share them.
 */
final class ShapeOperandRepair {
  /**
   * Which inputs of an operator are extents, bounds or indices along an axis, and what they have to
   * be.
   */
  private record Row(Set<Integer> operands, Check check) {}

  @FunctionalInterface
  private interface Check {
    void repair(ShapeOperandRepair repair, Node node);
  }

  private static final Map<String, Row> ROWS = new HashMap<>();

  static {
    ROWS.put("Reshape", new Row(Set.of(1), ShapeOperandRepair::reshape));
    ROWS.put("Expand", new Row(Set.of(1), ShapeOperandRepair::expand));
    ROWS.put("ConstantOfShape", new Row(Set.of(0), ShapeOperandRepair::constantOfShape));
    ROWS.put("Split", new Row(Set.of(1), ShapeOperandRepair::split));
    ROWS.put("Slice", new Row(Set.of(1, 2, 3, 4), ShapeOperandRepair::slice));
    ROWS.put("Gather", new Row(Set.of(1), ShapeOperandRepair::gather));
    ROWS.put("Resize", new Row(Set.of(3), ShapeOperandRepair::resize));
    ROWS.put("Tile", new Row(Set.of(1), ShapeOperandRepair::tile));
  }

  private static final Size INFER = Size.of(-1);
  private static final Size COPY = Size.of(0);

  private final AxisAnalysis analysis;
  private final ShapeFacts before;
  private final ShapeFacts after;
  private final Keeps keeps;

  ShapeOperandRepair(AxisAnalysis analysis, ShapeFacts before, ShapeFacts after, Keeps keeps) {
    this.analysis = analysis;
    this.before = before;
    this.after = after;
    this.keeps = keeps;
  }

  /**
   * Whether the input is an extent, a bound or an index: its value may and must change with the
   * extents.
   */
  static boolean isExtentOperand(Node node, int input) {
    Row row = node.op().domain().isEmpty() ? ROWS.get(node.op().type()) : null;
    return row != null && row.operands().contains(input);
  }

  /** Whether the node looks at nothing but its operand's extents. */
  static boolean takesOnlyExtents(Node node) {
    return node.is("Shape") || node.is("Size");
  }

  void run(Model model) {
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      Row row = node.op().domain().isEmpty() ? ROWS.get(node.op().type()) : null;
      if (row != null) {
        AtNode.run(node, () -> row.check().repair(this, node));
      }
    }
  }

  /** An entry of an operand: what it must evaluate to (null: whatever it evaluates to is right). */
  private static List<@Nullable Size> untouched(int count) {
    List<@Nullable Size> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(null);
    }
    return entries;
  }

  private @Nullable Size now(Value operand, int entry) {
    SymbolicTensor data = after.data(operand);
    return data == null || entry >= data.elements().size() ? null : data.element(entry);
  }

  private boolean changed(Value operand, int entry) {
    SymbolicTensor old = before.data(operand);
    Size was = old == null ? null : old.element(entry);
    return !Objects.equals(was, now(operand, entry));
  }

  private void reshape(Node node) {
    List<AxisLayout> out = analysis.layout(node.output());
    Value target = node.optionalInput(1);
    if (out == null || target == null) {
      return;
    }
    List<AxisLayout> in = analysis.layout(node.input(0)); // none if nobody asked
    boolean copies = node.intAttribute("allowzero", 0) == 0;
    List<@Nullable Size> required = untouched(out.size());
    boolean infers = false;
    for (int i = 0; i < out.size(); i++) {
      Size now = now(target, i);
      Size wanted = keeps.size(out.get(i));
      boolean copied =
          copies
              && COPY.equals(now)
              && in != null
              && i < in.size()
              && keeps.size(in.get(i)).equals(wanted);
      infers |= INFER.equals(now);
      boolean right = wanted.equals(now) || INFER.equals(now) || copied;
      if (!right && (keeps.touches(out.get(i)) || changed(target, i))) {
        required.set(i, wanted);
      }
    }
    replaceInferred(required, infers);
    new OperandEditor(node, 1, before, after).require(required);
  }

  /** One symbolic entry can be left to be inferred. */
  private static void replaceInferred(List<@Nullable Size> required, boolean infers) {
    boolean free = !infers;
    for (int i = 0; i < required.size(); i++) {
      Size size = required.get(i);
      if (free && size != null && !size.isKnown()) {
        required.set(i, INFER);
        free = false;
      }
    }
  }

  /**
   * The operand may have fewer entries than the result has axes, and ones where nothing is
   * repeated.
   */
  private void expand(Node node) {
    List<AxisLayout> out = analysis.layout(node.output());
    Value target = node.input(1);
    SymbolicTensor data = before.data(target);
    if (out == null || data == null) {
      return;
    }
    int entries = data.elements().size();
    List<@Nullable Size> required = untouched(entries);
    for (int i = 0; i < entries; i++) {
      int axis = out.size() - entries + i;
      Size now = now(target, i);
      Size wanted = keeps.size(out.get(axis));
      boolean right = wanted.equals(now) || Size.ONE.equals(now);
      if (!right && (keeps.touches(out.get(axis)) || changed(target, i))) {
        required.set(i, wanted);
      }
    }
    new OperandEditor(node, 1, before, after).require(required);
  }

  private void constantOfShape(Node node) {
    List<AxisLayout> out = analysis.layout(node.output());
    if (out == null) {
      return;
    }
    List<@Nullable Size> required = untouched(out.size());
    for (int i = 0; i < out.size(); i++) {
      Size wanted = keeps.size(out.get(i));
      if (!wanted.equals(now(node.input(0), i))
          && (keeps.touches(out.get(i)) || changed(node.input(0), i))) {
        required.set(i, wanted);
      }
    }
    new OperandEditor(node, 0, before, after).require(required);
  }

  private void split(Node node) {
    Value sizes = node.optionalInput(1);
    List<AxisLayout> in = analysis.layout(node.input(0));
    if (sizes == null || in == null) {
      return;
    }
    int axis = SplitOp.of(node, before::constants).axis(in.size());
    List<@Nullable Size> required = untouched(node.outputs().size());
    for (int i = 0; i < required.size(); i++) {
      Value piece = node.outputs().get(i);
      List<AxisLayout> layouts = piece == null ? null : analysis.layout(piece);
      if (layouts != null && !keeps.size(layouts.get(axis)).equals(now(sizes, i))) {
        required.set(i, keeps.size(layouts.get(axis)));
      }
    }
    new OperandEditor(node, 1, before, after).require(required);
  }

  private void slice(Node node) {
    List<AxisLayout> in = analysis.layout(node.input(0));
    if (in == null) {
      return;
    }
    SliceOp slice = SliceOp.of(node, before::constants);
    List<Long> named = slice.axes();
    if (named == null) {
      return;
    }
    List<Integer> axes = io.gohsp.op.Axes.normalize(node, named, in.size());
    List<@Nullable Size> starts = untouched(axes.size());
    List<@Nullable Size> ends = untouched(axes.size());
    for (int i = 0; i < axes.size(); i++) {
      List<AxisLayout> pieces = analysis.pieces(node, axes.get(i));
      if (pieces == null || !keeps.touches(in.get(axes.get(i)))) {
        continue;
      }
      long size = keeps.size(in.get(axes.get(i))).value();
      Size start = keeps.size(pieces.get(0));
      Size end = start.plus(keeps.size(pieces.get(1)));
      if (!start.equals(clamped(bound(node, "starts", 1, i), size))) {
        starts.set(i, start);
      }
      if (!end.equals(clamped(bound(node, "ends", 2, i), size))) {
        ends.set(i, end);
      }
    }
    require(node, "starts", 1, starts);
    require(node, "ends", 2, ends);
  }

  /** A bound of a slice; before version 10 it is an attribute. */
  private @Nullable Size bound(Node node, String attribute, int input, int entry) {
    List<Long> attributes = node.intsAttribute(attribute);
    return attributes == null ? now(node.input(input), entry) : Size.of(attributes.get(entry));
  }

  private void require(Node node, String attribute, int input, List<@Nullable Size> required) {
    List<Long> attributes = node.intsAttribute(attribute);
    if (attributes == null) {
      new OperandEditor(node, input, before, after).require(required);
      return;
    }
    List<Long> bounds = new ArrayList<>(attributes);
    for (int i = 0; i < required.size(); i++) {
      Size size = required.get(i);
      if (size != null) {
        bounds.set(i, size.value());
      }
    }
    node.setAttribute(Attribute.ofInts(attribute, bounds));
  }

  private static @Nullable Size clamped(@Nullable Size bound, long size) {
    if (bound == null || !bound.isKnown()) {
      return null;
    }
    long value = bound.value();
    return Size.of(Math.max(0, Math.min(value < 0 ? value + size : value, size)));
  }

  private void gather(Node node) {
    List<AxisLayout> in = analysis.layout(node.input(0));
    if (in == null) {
      return;
    }
    int axis = GatherOp.of(node).axis(in.size());
    List<AxisLayout> pieces = analysis.pieces(node, axis);
    if (pieces == null || !keeps.touches(in.get(axis))) {
      return;
    }
    Size wanted = keeps.size(pieces.get(0));
    if (!wanted.equals(clamped(now(node.input(1), 0), keeps.size(in.get(axis)).value()))) {
      List<@Nullable Size> required = untouched(1);
      required.set(0, wanted);
      new OperandEditor(node, 1, before, after).require(required);
    }
  }

  /** Sizes of all axes; those that are not scaled may have changed. */
  private void resize(Node node) {
    List<AxisLayout> out = analysis.layout(node.output());
    if (out == null || node.optionalInput(3) == null || node.attribute("axes") != null) {
      return;
    }
    List<@Nullable Size> required = untouched(out.size());
    for (int i = 0; i < out.size(); i++) {
      Size wanted = keeps.size(out.get(i));
      if (keeps.touches(out.get(i)) && !wanted.equals(now(node.input(3), i))) {
        required.set(i, wanted);
      }
    }
    new OperandEditor(node, 3, before, after).require(required);
  }

  private void tile(Node node) {
    List<AxisLayout> in = analysis.layout(node.input(0));
    List<AxisLayout> out = analysis.layout(node.output());
    if (in == null || out == null) {
      return;
    }
    List<@Nullable Size> required = untouched(in.size());
    for (int i = 0; i < in.size(); i++) {
      Size repeats = keeps.size(out.get(i)).dividedBy(keeps.size(in.get(i)));
      if (keeps.touches(out.get(i)) && !Objects.equals(repeats, now(node.input(1), i))) {
        required.set(i, repeats);
      }
    }
    new OperandEditor(node, 1, before, after).require(required);
  }
}
