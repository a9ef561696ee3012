package io.gohsp.rewrite;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.shape.SymbolicTensor;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Changes entries of one whole-number operand of one node, and of no other reader of the same
 * value.
 */
public final class OperandEditor {
  private final Node node;
  private final int input;
  private final ShapeFacts before;
  private final ShapeFacts after;

  public OperandEditor(Node node, int input, ShapeFacts before, ShapeFacts after) {
    this.node = node;
    this.input = input;
    this.before = before;
    this.after = after;
  }

  /**
   * Makes the entries what is required; null entries stay. A constant that nobody else reads is
   * changed where it is; a constant that is shared is copied; a computed operand is put together
   * anew from what it computes and constants.
   */
  public void require(List<@Nullable Size> required) {
    if (required.stream().allMatch(Objects::isNull)) {
      return;
    }
    Value operand = node.input(input);
    long[] literals = literals(operand, required);
    if (literals == null) {
      node.setInput(input, assembled(operand, required));
      return;
    }
    Tensor old = ConstantValue.of(operand);
    ElementType type = Objects.requireNonNullElse(before.type(operand), ElementType.INT64);
    SymbolicTensor data = before.data(operand);
    long[] dims = data == null ? new long[] {literals.length} : data.dims();
    Tensor replacement = Tensor.ofIntegers(type, dims, literals);
    boolean alone =
        operand.uses().size() == 1 && !operand.isGraphOutput() && !operand.isGraphInput();
    if (old != null && alone && operand.constant() != null) {
      operand.setConstant(replacement);
    } else if (old != null && alone) {
      Node constant = operand.producer().orElseThrow();
      constant.attributes().stream()
          .map(Attribute::name)
          .toList()
          .forEach(constant::removeAttribute);
      constant.setAttribute(Attribute.of("value", replacement));
    } else {
      node.setInput(input, constant(operand.name(), replacement));
    }
  }

  private Value constant(String hint, Tensor tensor) {
    Graph graph = node.graph();
    return graph.addInitializer(graph.model().names().fresh(hint + "_pruned"), tensor);
  }

  /** All entries as numbers, or null if one is only known at run time. */
  private long @Nullable [] literals(Value operand, List<@Nullable Size> required) {
    SymbolicTensor now = after.data(operand);
    long[] literals = new long[required.size()];
    for (int i = 0; i < literals.length; i++) {
      Size size = required.get(i) != null ? required.get(i) : now == null ? null : now.element(i);
      if (size == null || !size.isKnown()) {
        return null;
      }
      literals[i] = size.value();
    }
    return literals;
  }

  private Value assembled(Value operand, List<@Nullable Size> required) {
    List<@Nullable Value> pieces = new ArrayList<>();
    boolean singles = operand.producer().filter(this::isConcatOfSingles).isPresent();
    int from = 0;
    while (from < required.size()) {
      Origin origin = Origin.of(required.get(from));
      int to = from + 1;
      while (!singles && to < required.size() && Origin.of(required.get(to)) == origin) {
        to++;
      }
      switch (origin) {
        case OPERAND -> pieces.add(taken(operand, from, to));
        case NUMBER -> pieces.add(literal(operand, required.subList(from, to)));
        case RUN_TIME -> required.subList(from, to).forEach(size -> pieces.add(computed(size)));
      }
      from = to;
    }
    Node concat =
        node.graph().insertBefore(node, OpId.of("Concat"), operand.name() + "_pruned", pieces, 1);
    concat.setAttribute(Attribute.of("axis", 0L));
    return concat.output();
  }

  /** Where an entry comes from. */
  private enum Origin {
    OPERAND,
    NUMBER,
    RUN_TIME;

    static Origin of(@Nullable Size size) {
      return size == null ? OPERAND : size.isKnown() ? NUMBER : RUN_TIME;
    }
  }

  /**
   * Entries [from, to) as the operand computes them. A Concat of single entries is read at its own
   * operands, one by one: exporters write shapes so, and tools that fuse attentions read heads and
   * widths off the constants among them.
   */
  private Value taken(Value operand, int from, int to) {
    Node producer = operand.producer().orElse(null);
    if (producer != null && isConcatOfSingles(producer)) {
      return producer.input(from);
    }
    Value indices =
        constant(
            operand.name() + "_entries",
            Tensor.ofLongs(IntStream.range(from, to).asLongStream().toArray()));
    Node gather =
        node.graph()
            .insertBefore(node, OpId.of("Gather"), operand.name() + "_kept", operand, indices);
    return gather.output();
  }

  private boolean isConcatOfSingles(Node producer) {
    return producer.is("Concat")
        && producer
            .presentInputs()
            .allMatch(
                part -> {
                  List<Size> shape = before.shape(part);
                  return shape != null && shape.size() == 1 && shape.get(0).is(1);
                });
  }

  private Value literal(Value operand, List<@Nullable Size> sizes) {
    long[] values =
        sizes.stream().mapToLong(size -> Objects.requireNonNull(size).value()).toArray();
    return constant(operand.name(), Tensor.ofLongs(values));
  }

  private Value computed(@Nullable Size size) {
    return new RuntimeExtents(node, after).vectorOf(Objects.requireNonNull(size));
  }
}
