package io.gohsp.shape;

import io.gohsp.op.ReduceOp;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Operators that combine the elements along axes into one. */
final class ReductionShapes {
  private ReductionShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(
        facts -> reduce(facts, facts.type(0)),
        "ReduceL1",
        "ReduceL2",
        "ReduceLogSum",
        "ReduceLogSumExp",
        "ReduceMean",
        "ReduceSumSquare");
    rules.standard(facts -> reduceWith(facts, Size::plus), "ReduceSum");
    rules.standard(facts -> reduceWith(facts, Size::times), "ReduceProd");
    rules.standard(facts -> reduceWith(facts, Size::min), "ReduceMin");
    rules.standard(facts -> reduceWith(facts, Size::max), "ReduceMax");
    rules.standard(facts -> reduce(facts, ElementType.INT64), "ArgMax", "ArgMin");
    rules.standard(ReductionShapes::negativeLogLikelihood, "NegativeLogLikelihoodLoss");
    rules.standard(ReductionShapes::crossEntropy, "SoftmaxCrossEntropyLoss");
  }

  static void reduce(NodeFacts facts, @Nullable ElementType type) {
    ReduceOp op = ReduceOp.of(facts.node(), facts);
    List<Size> shape = facts.shape(0);
    List<Integer> axes = shape == null ? null : op.axes(shape.size());
    if (shape == null || axes == null) {
      facts.result(
          type, shape == null || !op.keepDims() ? null : facts.freshShape(0, shape.size()));
      return;
    }
    List<Size> result = new ArrayList<>();
    for (int axis = 0; axis < shape.size(); axis++) {
      if (!axes.contains(axis)) {
        result.add(shape.get(axis));
      } else if (op.keepDims()) {
        result.add(Size.ONE);
      }
    }
    facts.result(type, List.copyOf(result));
  }

  /** Contents too, where everything is reduced to one element. */
  private static void reduceWith(NodeFacts facts, BinaryOperator<Size> operation) {
    reduce(facts, facts.type(0));
    SymbolicTensor data = facts.data(0);
    long[] dims = Shapes.known(facts.result(0).shape());
    if (data == null
        || dims == null
        || SymbolicTensor.count(dims) != 1
        || data.elements().isEmpty()) {
      return;
    }
    Size total = data.element(0);
    for (int i = 1; i < data.elements().size(); i++) {
      Size next = data.element(i);
      total = total == null || next == null ? null : operation.apply(total, next);
    }
    facts.data(SymbolicTensor.filled(dims, total));
  }

  private static void negativeLogLikelihood(NodeFacts facts) {
    boolean each = facts.node().stringAttribute("reduction", "mean").equals("none");
    facts.result(facts.type(0), each ? facts.shape(1) : Shapes.SCALAR);
  }

  private static void crossEntropy(NodeFacts facts) {
    negativeLogLikelihood(facts);
    facts.result(1, facts.type(0), facts.shape(0));
  }
}
