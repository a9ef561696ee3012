package io.gohsp.autodiff;

import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.LayerNormOp;
import io.gohsp.op.MatMulOp;
import io.gohsp.op.SoftmaxOp;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Operators whose results depend on sums over an axis. */
final class NormalizationGradients {
  private NormalizationGradients() {}

  static void register(GradientRules rules) {
    rules.one(NormalizationGradients::softmax, "Softmax");
    rules.one(NormalizationGradients::logSoftmax, "LogSoftmax");
    rules.one(NormalizationGradients::layerNorm, "LayerNormalization");
    rules.one(NormalizationGradients::rmsNorm, "RMSNormalization", "SimplifiedLayerNormalization");
    rules.one(NormalizationGradients::batchNorm, "BatchNormalization");
    rules.one(NormalizationGradients::instanceNorm, "InstanceNormalization");
  }

  /**
   * {@code y = softmax(x)} along one axis: with {@code s = sum(dy y)} over that axis, {@code dx = y
   * (dy - s)}. Written with {@code y}, not {@code x}, so that the forward activation is the only
   * one kept alive.
   *
   * <p>Where {@code y} only weighs the rows of a {@code v}, {@code o = y v}, {@code s = sum(do o)}:
   * the same number from tensors that are as wide as a head, not as long as the sequence.
   */
  private static List<@Nullable Value> softmax(Node node, Value dy, GradientContext g) {
    Value y = node.output();
    int axis = axis(node, g);
    Value s = weightedRows(node, axis, g);
    Value sum = s != null ? s : g.sum(g.mul(dy, y), true, axis);
    return g.only(() -> g.mul(y, g.sub(dy, sum)));
  }

  private static @Nullable Value weightedRows(Node node, int axis, GradientContext g) {
    Value y = node.output();
    List<Use> uses = y.uses().stream().filter(use -> isForward(use, g)).toList();
    int rank = g.rank(y);
    if (uses.size() != 1 || y.isGraphOutput() || axis != rank - 1 || rank < 3) {
      return null;
    }
    Node product = uses.get(0).node();
    if (uses.get(0).index() != 0 || !product.is("MatMul") || !MatMulOp.of(product).isPlain()) {
      return null;
    }
    Value o = product.output();
    Value gradient = g.gradientOf(o);
    List<Size> weights = g.shape(y);
    List<Size> context = g.shape(o);
    boolean sameRows =
        context.size() == rank && context.subList(0, rank - 1).equals(weights.subList(0, rank - 1));
    boolean narrower =
        sameRows
            && context.get(rank - 1).isKnown()
            && (!weights.get(rank - 1).isKnown()
                || weights.get(rank - 1).value() > context.get(rank - 1).value());
    return gradient == null || !narrower ? null : g.sum(g.mul(gradient, o), true, rank - 1);
  }

  /** Whether a use is of the forward graph: shapes of what is written here are not known. */
  private static boolean isForward(Use use, GradientContext g) {
    return use.node().presentOutputs().anyMatch(g::isForward);
  }

  private static int axis(Node node, GradientContext g) {
    List<Integer> axes = SoftmaxOp.of(node).axes(g.rank(node.output()));
    if (axes.size() != 1) {
      throw g.unsupported("it normalises over several axes", "convert to operator set 13 or later");
    }
    return axes.get(0);
  }

  /** {@code y = log softmax(x)}: {@code dx = dy - exp(y) sum(dy)}. */
  private static List<@Nullable Value> logSoftmax(Node node, Value dy, GradientContext g) {
    Value sum = g.sum(dy, true, axis(node, g));
    return g.only(() -> g.sub(dy, g.mul(g.op("Exp", node.output()), sum)));
  }

  /**
   * {@code y = n scale + bias} with {@code n = (x - mean) r}, {@code r = 1 / deviation}, over the
   * last axes together: with {@code h = dy scale}, {@code dx = r (h - mean(h) - n mean(h n))},
   * {@code dscale = sum(dy n)}, {@code dbias = sum(dy)}. Mean and {@code r} are the operator's own
   * optional outputs. The sums for {@code dscale} and for {@code mean(h n)} share {@code dy n};
   * over one axis, means weighted by {@code scale} are products with it.
   */
  private static List<@Nullable Value> layerNorm(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    Value r = g.as(x, g.demandOutput(node, 2));
    Float shift = shift(node, g);
    if (shift != null && isReadElsewhere(x, g)) {
      return shifted(node, dy, r, shift, g);
    }
    Value mean = g.as(x, g.demandOutput(node, 1));
    Value n = g.mul(g.sub(x, mean), r);
    return normalized(node, dy, n, r, true, g);
  }

  /**
   * Whether another node of the forward graph reads a value, as the residual stream does. If not,
   * and it is a sum that the gradient does not read either, ONNX Runtime 1.29 fuses sum and norm
   * into an operator that does not return the statistics.
   */
  private static boolean isReadElsewhere(Value x, GradientContext g) {
    return x.uses().stream().filter(use -> isForward(use, g)).count() > 1;
  }

  /** {@code k} of {@code y = n + k}: scale is 1, bias a number; null if they are to be learnt. */
  private static @Nullable Float shift(Node node, GradientContext g) {
    if (g.wants(1) || g.wants(2)) {
      return null;
    }
    Float scale = uniform(node.input(1));
    Value bias = node.optionalInput(2);
    return scale == null || scale != 1 ? null : bias == null ? Float.valueOf(0) : uniform(bias);
  }

  /** The number that all elements of a constant have. */
  private static @Nullable Float uniform(Value value) {
    Tensor constant = ConstantValue.of(value);
    if (constant == null || constant.type() != ElementType.FLOAT || constant.size() == 0) {
      return null;
    }
    float[] elements = constant.floats();
    for (float element : elements) {
      if (element != elements[0]) {
        return null;
      }
    }
    return elements[0];
  }

  /**
   * {@code y = n + k}: {@code dx = r (dy - y m - (mean(dy) - k m))} with {@code m = mean(dy n) =
   * mean(dy y) - k mean(dy)}, so that neither {@code x} nor {@code n} is needed.
   */
  private static List<@Nullable Value> shifted(
      Node node, Value dy, Value r, float k, GradientContext g) {
    Value y = node.output();
    List<Size> shape = g.shape(y);
    int axis = LayerNormOp.of(node).axis(shape.size());
    Value scale = node.input(1);
    Value mean = mean(dy, scale, axis, g, shape);
    Value m = g.sub(mean(g.mul(dy, y), scale, axis, g, shape), g.times(mean, k));
    Value along = g.sub(g.sub(dy, g.mul(y, m)), g.sub(mean, g.times(m, k)));
    return g.only(() -> g.mul(along, r));
  }

  /**
   * {@code y = n scale} with {@code n = x r}, {@code r = 1 / root of the mean square}: with {@code
   * h = dy scale}, {@code dx = r (h - n mean(h n))}, {@code dscale = sum(dy n)}.
   */
  private static List<@Nullable Value> rmsNorm(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    LayerNormOp op = LayerNormOp.of(node);
    long[] axes = LongStream.range(op.axis(g.rank(x)), g.rank(x)).toArray();
    Value square = g.op("ReduceMean", g.mul(x, x), g.longs(axes));
    Value r = g.op("Reciprocal", g.op("Sqrt", g.add(square, g.scalar(op.epsilon()))));
    return normalized(node, dy, g.mul(x, r), r, false, g);
  }

  private static List<@Nullable Value> normalized(
      Node node, Value dy, Value n, Value r, boolean centred, GradientContext g) {
    Value x = node.input(0);
    Value scale = node.input(1);
    List<Size> shape = g.shape(x);
    int axis = LayerNormOp.of(node).axis(shape.size());
    Value dyn = g.mul(dy, n);
    Value dx = null;
    if (g.wants(0)) {
      Value along = g.sub(g.mul(dy, scale), g.mul(n, mean(dyn, scale, axis, g, shape)));
      Value centre = centred ? g.sub(along, mean(dy, scale, axis, g, shape)) : along;
      dx = g.mul(centre, r);
    }
    return Arrays.asList(
        dx,
        g.when(1, () -> g.sumTo(dyn, shape, scale)),
        g.when(2, () -> g.sumTo(dy, shape, node.input(2))));
  }

  /** The mean of {@code x scale} over the axes from {@code axis} on, which stay. */
  private static Value mean(Value x, Value scale, int axis, GradientContext g, List<Size> shape) {
    Size width = shape.get(shape.size() - 1);
    boolean vector = g.shape(scale).size() == 1 && g.shape(scale).get(0).equals(width);
    if (axis == shape.size() - 1 && width.isKnown() && vector) {
      Value weights = g.times(g.unsqueeze(scale, 1), 1.0 / width.value());
      return g.matMul(x, weights);
    }
    long[] axes = LongStream.range(axis, shape.size()).toArray();
    return g.op("ReduceMean", g.mul(x, scale), g.longs(axes));
  }

  /**
   * With the statistics of inference, {@code y = (x - mean) r scale + bias} for each channel,
   * {@code r = 1 / sqrt(variance + epsilon)}: {@code dx = dy r scale}, {@code dscale = sum(dy (x -
   * mean)) r}, {@code dbias = sum(dy)}. The statistics are constants.
   */
  private static List<@Nullable Value> batchNorm(Node node, Value dy, GradientContext g) {
    if (node.intAttribute("training_mode", 0) != 0) {
      throw g.unsupported("it is in training mode", "export the model in inference mode");
    }
    Value x = node.input(0);
    int rank = g.rank(x);
    long[] trailing = LongStream.range(1, rank - 1).toArray(); // [C] -> [C, 1, ..]
    long[] others = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
    Value epsilon = g.scalar(node.floatAttribute("epsilon", 1e-5f));
    Value r = g.op("Reciprocal", g.op("Sqrt", g.add(node.input(4), epsilon)));
    return Arrays.asList(
        g.when(0, () -> g.mul(dy, g.unsqueeze(g.mul(r, node.input(1)), trailing))),
        g.when(
            1,
            () -> {
              Value centred = g.sub(x, g.unsqueeze(node.input(3), trailing));
              return g.mul(g.sum(g.mul(dy, centred), false, others), r);
            }),
        g.when(2, () -> g.sum(dy, false, others)));
  }

  /**
   * {@code y = n scale + bias} with {@code n = (x - mean) r}, {@code r = 1 / sqrt(variance +
   * epsilon)}, over the positions of each sample's channel: {@code dx = r scale (dy - mean(dy) - n
   * mean(dy n))}, {@code dscale = sum(dy n)}, {@code dbias = sum(dy)}.
   */
  private static List<@Nullable Value> instanceNorm(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    int rank = g.rank(x);
    Value positions = g.longs(LongStream.range(2, rank).toArray());
    long[] trailing = LongStream.range(1, rank - 1).toArray(); // [C] -> [C, 1, ..]
    long[] others = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
    Value epsilon = g.scalar(node.floatAttribute("epsilon", 1e-5f));
    Value centred = g.sub(x, g.op("ReduceMean", x, positions));
    Value variance = g.op("ReduceMean", g.mul(centred, centred), positions);
    Value r = g.op("Reciprocal", g.op("Sqrt", g.add(variance, epsilon)));
    Value n = g.mul(centred, r);
    Value dyn = g.mul(dy, n);
    return Arrays.asList(
        g.when(
            0,
            () -> {
              Value along = g.mul(n, g.op("ReduceMean", dyn, positions));
              Value centre = g.sub(g.sub(dy, g.op("ReduceMean", dy, positions)), along);
              return g.mul(centre, g.mul(r, g.unsqueeze(node.input(1), trailing)));
            }),
        g.when(1, () -> g.sum(dyn, false, others)),
        g.when(2, () -> g.sum(dy, false, others)));
  }
}
