package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.SoftmaxOp;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code Where(IsNaN(p), 0, p)} with {@code p = Softmax(s)}, as PyTorch's exporter writes attention
 * whose rows may be masked with minus infinity from end to end. Its gradient is zero in such rows;
 * taken literally it would be a number that is none. So the rows are told by their scores, and
 * never are anything but numbers.
 */
final class SafeSoftmax {
  private SafeSoftmax() {}

  static void register() {
    Lowering.pattern(SafeSoftmax::where, "Where");
  }

  private static List<@Nullable Value> where(Node node, LoweringContext g) {
    Value probabilities = node.input(2);
    Node test = node.input(0).producer().orElse(null);
    Node softmax = probabilities.producer().orElse(null);
    if (test == null
        || softmax == null
        || !test.is("IsNaN")
        || !softmax.is("Softmax")
        || test.input(0) != probabilities
        || !isZero(node.input(1))) {
      return List.of();
    }
    GraphBuilder b = g.build();
    Value scores = softmax.input(0);
    long axis = SoftmaxOp.of(softmax).axes(g.shape(scores).size()).get(0);
    Value most = b.op("ReduceMax", List.of(Attribute.of("keepdims", 1L)), scores, b.longs(axis));
    Value none = b.op("Equal", most, b.scalar(Float.NEGATIVE_INFINITY));
    Value finite = b.op("Where", none, b.scalar(0), scores);
    Value safe = b.op("Softmax", List.of(Attribute.of("axis", axis)), finite);
    return List.of(b.op("Where", none, b.scalar(0), safe));
  }

  private static boolean isZero(Value value) {
    Tensor constant = ConstantValue.of(value);
    return constant != null && constant.size() == 1 && constant.floats()[0] == 0;
  }
}
