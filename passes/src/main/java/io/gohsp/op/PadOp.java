package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code Pad}.
 *
 * @param pads what is added at the start of each padded axis, then at the end of each; below zero
 *     crops; null if it is computed at run time
 * @param axes the padded axes, may count from the end; null if they are computed at run time or
 *     {@code all}
 * @param all whether every axis is padded, because none is named
 */
public record PadOp(Node node, @Nullable List<Long> pads, @Nullable List<Long> axes, boolean all) {
  public static PadOp of(Node node, ConstantReader constants) {
    int opset = Axes.opset(node);
    if (opset < 11 && node.op().domain().isEmpty()) {
      return new PadOp(node, node.intsAttribute(opset < 2 ? "paddings" : "pads"), null, true);
    }
    boolean all = node.optionalInput(3) == null;
    return new PadOp(
        node,
        constants.list(node.input(1)),
        all ? null : constants.list(node.optionalInput(3)),
        all);
  }

  /**
   * The padded axes in the order of {@code pads}; null if they are computed at run time.
   *
   * @throws ModelException.Malformed if there are not two pads for each
   */
  public @Nullable List<Integer> axes(int rank) {
    List<Long> named = all ? LongStream.range(0, rank).boxed().toList() : axes;
    if (named == null) {
      return null;
    }
    if (pads != null && pads.size() != 2 * named.size()) {
      throw Axes.malformed(node, pads.size() + " pads do not go with " + named.size() + " axes");
    }
    return Axes.normalize(node, named, rank);
  }

  /** Whether what a node puts around its operand is known to be zero. */
  public static boolean isOfZeroes(Node node) {
    Value padding = node.optionalInput(2);
    Tensor number = padding == null ? null : ConstantValue.of(padding);
    boolean zeroes =
        padding == null
            ? node.attribute("value") == null
            : number != null && number.size() == 1 && number.doubles()[0] == 0;
    return zeroes && node.stringAttribute("mode", "constant").equals("constant");
  }
}
