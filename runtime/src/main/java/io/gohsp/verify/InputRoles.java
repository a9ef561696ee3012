package io.gohsp.verify;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out what inputs are used for by following them to the tables they index. */
final class InputRoles {
  /** Operators that hand indices on, perhaps in another shape or type. */
  private static final Set<String> TRANSPARENT =
      Set.of(
          "Cast",
          "Unsqueeze",
          "Squeeze",
          "Identity",
          "Clip",
          "Reshape",
          "Flatten",
          "Transpose",
          "Expand",
          "Slice",
          "Concat",
          "Tile",
          "Where");

  /**
   * Operators behind which a table is still the same table, seen from the operator that indexes it.
   */
  private static final Set<String> TABLE_VIEWS =
      Set.of("Identity", "Cast", "DequantizeLinear", "QuantizeLinear");

  private InputRoles() {}

  /** The role of a graph input of type {@code type}. */
  static InputRole of(Value input, TensorType type) {
    ElementType element = type.element();
    if (element == ElementType.STRING) {
      return new InputRole.Texts();
    }
    InputRole.Index index = element == ElementType.BOOL ? null : index(input, 0, new HashSet<>());
    if (index != null) {
      return index;
    }
    int rank = type.shape() == null ? -1 : type.shape().size();
    if (rank == 0) {
      return new InputRole.Setting();
    }
    boolean calledMask = input.name().toLowerCase(Locale.ROOT).contains("mask");
    boolean whole = element.isInteger();
    if (whole && !calledMask && (element == ElementType.UINT8 || rank >= 4)) {
      return new InputRole.Pixels();
    }
    return whole || calledMask || element == ElementType.BOOL
        ? new InputRole.Mask()
        : new InputRole.Activations();
  }

  /**
   * What {@code value} may hold so that every table it reaches has that row, or null if it reaches
   * none.
   *
   * @param offset what was added to the input on the way here
   */
  private static InputRole.@Nullable Index index(Value value, long offset, Set<Value> seen) {
    if (!seen.add(value)) {
      return null;
    }
    InputRole.Index found = null;
    for (Use use : value.uses()) {
      found = narrower(found, index(use, offset, seen));
    }
    return found;
  }

  private static InputRole.@Nullable Index index(Use use, long offset, Set<Value> seen) {
    Node node = use.node();
    if (node.is("Gather") && use.index() == 1) {
      return rows(node.optionalInput(0), (int) node.intAttribute("axis", 0), offset);
    }
    boolean embeds =
        node.is(OpId.MICROSOFT, "EmbedLayerNormalization")
            || node.is(OpId.MICROSOFT, "QEmbedLayerNormalization");
    if (embeds && use.index() < 2) {
      return rows(node.optionalInput(use.index() == 0 ? 2 : 4), 0, offset);
    }
    if ((node.is("Add") || node.is("Sub")) && use.index() < 2) {
      Tensor addend = constant(node.optionalInput(1 - use.index()));
      boolean known =
          addend != null && addend.type().isInteger() && (node.is("Add") || use.index() == 0);
      if (!known) {
        return null;
      }
      long extreme = Arrays.stream(addend.longs()).max().orElse(0);
      return index(node.output(), offset + (node.is("Add") ? extreme : -extreme), seen);
    }
    boolean data = use.index() == 0 || node.is("Concat") || (node.is("Where") && use.index() > 0);
    return node.op().domain().isEmpty() && TRANSPARENT.contains(node.op().type()) && data
        ? index(node.output(), offset, seen)
        : null;
  }

  private static InputRole.@Nullable Index rows(@Nullable Value table, int axis, long offset) {
    Tensor contents = constant(table);
    if (contents == null || contents.rank() == 0) {
      // Picks from an activation, whose extent is not known here; the first two rows are likely to
      // exist.
      return table == null || table.isGraphInput() ? null : new InputRole.Index(0, 1);
    }
    long rows = contents.dim(axis < 0 ? axis + contents.rank() : axis);
    long first = Math.max(0, -offset);
    return new InputRole.Index(first, Math.max(first, rows - 1 - offset));
  }

  private static InputRole.@Nullable Index narrower(
      InputRole.@Nullable Index a, InputRole.@Nullable Index b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    long first = Math.max(a.first(), b.first());
    return new InputRole.Index(first, Math.max(first, Math.min(a.last(), b.last())));
  }

  /**
   * The constant behind a value: an initializer or a Constant node, perhaps through {@link
   * #TABLE_VIEWS}.
   */
  private static @Nullable Tensor constant(@Nullable Value value) {
    for (Value at = value; at != null; ) {
      if (at.constant() != null) {
        return at.constant();
      }
      Node producer = at.producer().orElse(null);
      if (producer == null || !producer.op().domain().isEmpty()) {
        return null;
      }
      if (producer.is("Constant")) {
        return constantOf(producer);
      }
      at = TABLE_VIEWS.contains(producer.op().type()) ? producer.optionalInput(0) : null;
    }
    return null;
  }

  private static @Nullable Tensor constantOf(Node node) {
    io.gohsp.ir.Attribute value = node.attribute("value");
    if (value != null && value.content() instanceof io.gohsp.ir.Attribute.TensorValue tensor) {
      return tensor.value();
    }
    List<Long> ints = node.intsAttribute("value_ints");
    return ints != null
        ? Tensor.ofLongs(ints.stream().mapToLong(Long::longValue).toArray())
        : node.attribute("value_int") != null
            ? Tensor.ofLong(node.intAttribute("value_int", 0))
            : null;
  }
}
