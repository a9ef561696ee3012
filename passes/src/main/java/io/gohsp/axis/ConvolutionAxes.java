package io.gohsp.axis;

import io.gohsp.axis.Contraction.Kind;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConvOp;
import io.gohsp.shape.Size;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Convolutions and poolings: channels contract or pass, positions in space do not move. */
final class ConvolutionAxes {
  private ConvolutionAxes() {}

  static void register(AxisRules rules) {
    rules.add(ConvolutionAxes::conv, "Conv");
    rules.add(ConvolutionAxes::convInteger, "ConvInteger");
    rules.add(ConvolutionAxes::qLinearConv, "QLinearConv");
    rules.addMicrosoft(ConvolutionAxes::conv, "FusedConv");
    rules.add(
        ConvolutionAxes::pool,
        "MaxPool",
        "AveragePool",
        "LpPool",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "GlobalLpPool");
  }

  /**
   * X [B, g*c, ...], W [g*m, c, ...] -> [B, g*m, ...] for g groups. Without groups c contracts; a
   * depthwise convolution is all groups, and they pass.
   */
  private static void conv(Node node, Axes axes) {
    if (node.inputs().size() > 3) {
      axes.fixAll(node, "adds a further operand inside the convolution");
      return;
    }
    conv(node, node.input(0), node.input(1), axes);
    perChannel(node, node.optionalInput(2), axes);
  }

  /** Data and weights on integers, then a zero point for each. */
  private static void convInteger(Node node, Axes axes) {
    conv(node, node.input(0), node.input(1), axes);
    perChannel(node, node.optionalInput(3), axes);
  }

  /** Data, weights, each with scale and zero point; those of the result; bias. */
  private static void qLinearConv(Node node, Axes axes) {
    conv(node, node.input(0), node.input(3), axes);
    for (int i : new int[] {4, 5, 8}) {
      perChannel(node, node.optionalInput(i), axes);
    }
  }

  private static void perChannel(Node node, @Nullable Value parameter, Axes axes) {
    if (parameter != null && axes.rank(parameter) > 0 && !axes.isOne(parameter, 0)) {
      axes.unify(axes.of(parameter, 0), axes.of(node.output(), 1), node);
    }
  }

  private static void conv(Node node, Value x, Value w, Axes axes) {
    Value out = node.output();
    ConvOp conv = ConvOp.of(node, axes.rank(x) - 2);
    AxisLayout groups = axes.fresh(Size.of(conv.group()));
    AxisLayout c = axes.of(w, 1);
    Size perGroup = axes.size(w, 0).dividedBy(Size.of(conv.group()));
    if (perGroup == null) {
      axes.fixAll(node, "has output channels that do not fill its groups");
      return;
    }
    AxisLayout m = axes.fresh(perGroup);
    axes.unify(axes.of(x, 1), axes.product(groups, c), node);
    axes.unify(axes.of(w, 0), axes.product(groups, m), node);
    axes.unify(axes.of(out, 1), axes.of(w, 0), node);
    axes.unify(axes.of(x, 0), axes.of(out, 0), node);
    for (int axis = 2; axis < axes.rank(x); axis++) {
      axes.fix(axes.of(w, axis), node, "is a position in a convolution kernel");
    }
    space(node, x, out, isPointwise(conv, w, axes), axes);
    Kind kind = ContractionAxes.kind(x, w, axes);
    axes.contract(new Contraction(node, kind, c, List.of(x), List.of(), List.of(m)));
  }

  private static boolean isPointwise(ConvOp conv, Value w, Axes axes) {
    return IntStream.range(2, axes.rank(w)).allMatch(axis -> axes.isOne(w, axis))
        && conv.window().strides().stream().allMatch(stride -> stride == 1)
        && conv.window().pads().stream().allMatch(pad -> pad == 0);
  }

  private static void pool(Node node, Axes axes) {
    Value x = node.input(0);
    node.presentOutputs()
        .forEach(
            out -> {
              axes.unify(axes.of(x, 0), axes.of(out, 0), node);
              axes.unify(axes.of(x, 1), axes.of(out, 1), node);
              space(node, x, out, false, axes);
            });
  }

  private static void space(Node node, Value x, Value out, boolean pointwise, Axes axes) {
    IntStream.range(2, axes.rank(x))
        .forEach(
            axis -> {
              if (pointwise) {
                axes.unify(axes.of(x, axis), axes.of(out, axis), node);
              } else {
                axes.fix(axes.of(x, axis), node, "is a position in space that a window moves over");
                axes.fix(
                    axes.of(out, axis), node, "is a position in space that a window moves over");
              }
            });
  }
}
