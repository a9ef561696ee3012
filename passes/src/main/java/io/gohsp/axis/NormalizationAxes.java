package io.gohsp.axis;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.LayerNormOp;
import io.gohsp.op.ReduceOp;
import io.gohsp.op.SoftmaxOp;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Operators in which every position along an axis changes the others: removing one there would not
 * be exact.
 */
final class NormalizationAxes {
  private NormalizationAxes() {}

  static void register(AxisRules rules) {
    rules.add(NormalizationAxes::softmax, "Softmax", "LogSoftmax", "Hardmax");
    rules.add(
        NormalizationAxes::layerNorm,
        "LayerNormalization",
        "RMSNormalization",
        "SimplifiedLayerNormalization");
    rules.addMicrosoft(
        NormalizationAxes::skipLayerNorm,
        "SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization");
    rules.addMicrosoft(
        NormalizationAxes::embedLayerNorm, "EmbedLayerNormalization", "QEmbedLayerNormalization");
    rules.add(NormalizationAxes::batchNorm, "BatchNormalization");
    rules.add(
        NormalizationAxes::statistic,
        "ReduceMean",
        "ReduceMax",
        "ReduceMin",
        "ReduceProd",
        "ReduceLogSumExp",
        "ReduceLogSum",
        "ArgMax",
        "ArgMin");
    rules.add(NormalizationAxes::instanceNorm, "InstanceNormalization");
    rules.add(NormalizationAxes::lpNorm, "LpNormalization");
  }

  private static void softmax(Node node, Axes axes) {
    Value in = node.input(0);
    axes.unifyAll(in, node.output(), node);
    SoftmaxOp.of(node)
        .axes(axes.rank(in))
        .forEach(axis -> axes.fix(axes.of(in, axis), node, reason(node)));
  }

  private static String reason(Node node) {
    return "is normalised by " + node.op().type() + ": removing a position would change the others";
  }

  private static void layerNorm(Node node, Axes axes) {
    Value in = node.input(0);
    int first = LayerNormOp.of(node).axis(axes.rank(in));
    axes.unifyAll(in, node.output(), node);
    for (int i = 1; i < node.inputs().size(); i++) {
      Value operand = node.optionalInput(i);
      if (operand != null) {
        axes.broadcast(operand, in, node);
      }
    }
    for (int i = 1;
        i < node.outputs().size();
        i++) { // mean and deviation, with the axes normalised over kept as one
      Value statistic = node.optionalOutput(i);
      if (statistic != null) {
        axes.broadcast(statistic, in, node);
      }
    }
    for (int axis = first; axis < axes.rank(in); axis++) {
      axes.fix(axes.of(in, axis), node, reason(node));
    }
  }

  private static void skipLayerNorm(Node node, Axes axes) {
    Value in = node.input(0);
    node.presentInputs().skip(1).forEach(operand -> axes.broadcast(operand, in, node));
    node.presentOutputs().forEach(output -> axes.broadcast(output, in, node));
    axes.fix(axes.of(in, -1), node, reason(node));
  }

  /**
   * Ids [B,N] pick rows of tables [V,D], whose sum [B,N,D] is normalised with gamma and beta [D].
   */
  private static void embedLayerNorm(Node node, Axes axes) {
    Value ids = node.input(0);
    Value out = node.output(0);
    axes.unify(axes.of(ids, 0), axes.of(out, 0), node);
    axes.unify(axes.of(ids, 1), axes.of(out, 1), node);
    for (int operand = 1; operand < node.inputs().size(); operand++) {
      Value value = node.optionalInput(operand);
      if (value == null) {
        continue;
      }
      boolean ofStream = operand >= 2 && operand <= 6;
      if (ofStream) {
        axes.unify(axes.of(value, -1), axes.of(out, -1), node);
      }
      for (int axis = 0; axis < axes.rank(value) - (ofStream ? 1 : 0); axis++) {
        axes.fix(axes.of(value, axis), node, "is looked up by position");
      }
    }
    Value sum = node.optionalOutput(2);
    if (sum != null) {
      axes.unifyAll(sum, out, node);
    }
    axes.fix(axes.of(out, -1), node, reason(node));
  }

  private static void batchNorm(Node node, Axes axes) {
    Value in = node.input(0);
    axes.unifyAll(in, node.output(), node);
    if (node.intAttribute("training_mode", 0) != 0 || node.presentOutputs().count() > 1) {
      axes.fixAll(node, "normalises in training mode");
      return;
    }
    for (int i = 1; i <= 4; i++) {
      Value parameter = node.input(i);
      if (axes.rank(in) != 1 || !axes.isOne(parameter, 0)) { // a vector is a batch of one channel
        int channels = io.gohsp.op.Axes.normalize(node, 1, axes.rank(in));
        axes.unify(axes.of(parameter, 0), axes.of(in, channels), node);
      }
    }
  }

  private static void instanceNorm(Node node, Axes axes) {
    Value in = node.input(0);
    axes.unifyAll(in, node.output(), node);
    axes.unify(axes.of(node.input(1), 0), axes.of(in, 1), node);
    axes.unify(axes.of(node.input(2), 0), axes.of(in, 1), node);
    IntStream.range(2, axes.rank(in))
        .forEach(axis -> axes.fix(axes.of(in, axis), node, reason(node)));
  }

  private static void lpNorm(Node node, Axes axes) {
    Value in = node.input(0);
    axes.unifyAll(in, node.output(), node);
    int along = io.gohsp.op.Axes.normalize(node, node.intAttribute("axis", -1), axes.rank(in));
    axes.fix(axes.of(in, along), node, reason(node));
  }

  private static void statistic(Node node, Axes axes) {
    Value in = node.input(0);
    ReduceOp reduce = ReduceOp.of(node, axes.facts()::constants);
    List<Integer> over = reduce.axes(axes.rank(in));
    if (over == null) {
      axes.fixAll(node, "reduces over axes that are computed at run time");
      return;
    }
    int to = 0;
    for (int axis = 0; axis < axes.rank(in); axis++) {
      if (over.contains(axis)) {
        axes.fix(axes.of(in, axis), node, reason(node));
        to += reduce.keepDims() ? 1 : 0;
      } else {
        axes.unify(axes.of(in, axis), axes.of(node.output(), to++), node);
      }
    }
  }
}
