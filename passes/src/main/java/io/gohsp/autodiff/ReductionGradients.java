package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ReduceOp;
import io.gohsp.shape.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sums and their kin over some axes. Gradients repeat along the axes that were summed over. */
final class ReductionGradients {
  private ReductionGradients() {}

  static void register(GradientRules rules) {
    rules.one(ReductionGradients::sum, "ReduceSum");
    rules.one(ReductionGradients::mean, "ReduceMean");
    rules.one(ReductionGradients::extremum, "ReduceMax", "ReduceMin");
    rules.one(ReductionGradients::product, "ReduceProd");
    rules.one(ReductionGradients::l1, "ReduceL1");
    rules.one(ReductionGradients::l2, "ReduceL2");
    rules.one(ReductionGradients::sumSquare, "ReduceSumSquare");
    rules.one(ReductionGradients::logSum, "ReduceLogSum");
    rules.one(ReductionGradients::logSumExp, "ReduceLogSumExp");
    rules.one(ReductionGradients::cumulative, "CumSum");
  }

  private static List<Integer> axes(Node node, GradientContext g) {
    List<Integer> axes = ReduceOp.of(node, g).axes(g.rank(node.input(0)));
    if (axes == null) {
      throw g.unsupported("its axes are only known at run time", "export with constant axes");
    }
    return axes;
  }

  /** A value of the output's shape with the reduced axes back, of extent 1. */
  private static Value kept(Node node, Value reduced, GradientContext g) {
    if (ReduceOp.of(node, g).keepDims()) {
      return reduced;
    }
    return g.unsqueeze(reduced, axes(node, g).stream().mapToLong(Integer::longValue).toArray());
  }

  /** {@code y = sum(x)}: {@code dx = dy}. */
  private static List<@Nullable Value> sum(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.expandLike(kept(node, dy, g), node.input(0)));
  }

  /** {@code y = sum(x) / n}: {@code dx = dy / n}. */
  private static List<@Nullable Value> mean(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    Size count = axes(node, g).stream().map(g.shape(x)::get).reduce(Size.ONE, Size::times);
    if (count.isKnown()) {
      return g.only(() -> g.expandLike(g.times(kept(node, dy, g), 1.0 / count.value()), x));
    }
    List<Attribute> type = List.of(Attribute.of("to", (long) g.type(x).code()));
    Value share =
        g.div(g.op("Cast", type, g.op("Size", node.output())), g.op("Cast", type, g.op("Size", x)));
    return g.only(() -> g.expandLike(g.mul(kept(node, dy, g), share), x));
  }

  /** {@code y = max(x)} or the least: {@code dx = dy} at it, in equal parts if several are. */
  private static List<@Nullable Value> extremum(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    Value found = g.op("Equal", x, kept(node, node.output(), g));
    Value chosen = g.op("Where", found, g.scalar(1), g.scalar(0));
    long[] axes = axes(node, g).stream().mapToLong(Integer::longValue).toArray();
    Value shares = g.div(kept(node, dy, g), g.sum(chosen, true, axes));
    return g.only(() -> g.mul(chosen, shares));
  }

  /** {@code y = prod(x)}: {@code dx = dy y / x}; {@code x} must not be zero. */
  private static List<@Nullable Value> product(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.div(kept(node, g.mul(dy, node.output()), g), node.input(0)));
  }

  /** {@code y = sum(|x|)}: {@code dx = dy sign(x)}. */
  private static List<@Nullable Value> l1(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.mul(kept(node, dy, g), g.op("Sign", node.input(0))));
  }

  /** {@code y = sqrt(sum(x²))}: {@code dx = dy x / y}. */
  private static List<@Nullable Value> l2(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.mul(kept(node, g.div(dy, node.output()), g), node.input(0)));
  }

  /** {@code y = sum(x²)}: {@code dx = 2 dy x}. */
  private static List<@Nullable Value> sumSquare(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.mul(kept(node, g.times(dy, 2), g), node.input(0)));
  }

  /** {@code y = log(sum(x))}: {@code dx = dy exp(-y)}. */
  private static List<@Nullable Value> logSum(Node node, Value dy, GradientContext g) {
    return g.only(
        () ->
            g.expandLike(
                kept(node, g.mul(dy, g.op("Exp", g.neg(node.output()))), g), node.input(0)));
  }

  /** {@code y = log(sum(exp(x)))}: {@code dx = dy exp(x - y)}. */
  private static List<@Nullable Value> logSumExp(Node node, Value dy, GradientContext g) {
    return g.only(
        () ->
            g.mul(
                kept(node, dy, g),
                g.op("Exp", g.sub(node.input(0), kept(node, node.output(), g)))));
  }

  /**
   * {@code y[i] = x[0] + .. + x[i]}: {@code dx} is the cumulative sum of {@code dy} from the end.
   */
  private static List<@Nullable Value> cumulative(Node node, Value dy, GradientContext g) {
    return g.only(
        () ->
            g.op(
                "CumSum",
                List.of(
                    Attribute.of("exclusive", node.intAttribute("exclusive", 0)),
                    Attribute.of("reverse", 1 - node.intAttribute("reverse", 0))),
                dy,
                node.input(1)));
  }
}
