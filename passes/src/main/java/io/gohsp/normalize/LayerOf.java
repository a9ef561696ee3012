package io.gohsp.normalize;

import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which layer the reader of a vector belongs to, told by the matrix beside it: a bias by the matrix
 * whose product it is added to, a norm's scale and shift by the nearest matrix. That is the one
 * behind the norm where the stream goes on beside it (blocks that normalise first), and the one
 * before it where the norm alone reads its input.
 */
final class LayerOf {
  private static final Set<String> PRODUCTS =
      Set.of(
          "MatMul",
          "Gemm",
          "Conv",
          "ConvTranspose",
          "Einsum",
          "FusedMatMul",
          "FusedGemm",
          "FusedConv",
          "MatMulInteger",
          "ConvInteger",
          "QLinearMatMul",
          "QLinearConv",
          "MatMulNBits",
          "Attention",
          "QAttention");

  /** What may stand between a stored matrix and the product that reads it. */
  private static final Set<String> CARRIERS =
      Set.of("Identity", "Cast", "Transpose", "Reshape", "DequantizeLinear", "QuantizeLinear");

  private static final Set<String> NORMS =
      Set.of(
          "LayerNormalization",
          "SimplifiedLayerNormalization",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "EmbedLayerNormalization",
          "RMSNormalization",
          "GroupNormalization",
          "InstanceNormalization",
          "BatchNormalization");

  private static final int MAX_NODES = 64;

  private LayerOf() {}

  /**
   * @param matrix beside which the reader stands
   * @param type of the operator that reads
   * @param operand that is read
   */
  private record Key(Value matrix, String type, int operand, boolean behind) {}

  /** Equal for the readers of one parameter; the use itself where no matrix is beside it. */
  static Object reader(Use use) {
    Node node = use.node();
    String type = node.op().type();
    Value matrix = null;
    boolean behind = false;
    if (PRODUCTS.contains(type)) {
      matrix = matrix(node, use.index());
    } else if (node.is("Add")) {
      matrix = matrixBefore(node.input(1 - use.index()));
    } else if (NORMS.contains(type) && use.index() > 0) {
      Value stream = node.input(0);
      behind = stream.uses().size() > 1;
      matrix =
          behind
              ? nearest(node, n -> n.presentOutputs().flatMap(LayerOf::readers))
              : nearest(node, LayerOf::producers);
    }
    return matrix == null ? use : new Key(matrix, type, use.index(), behind);
  }

  /** The matrix of a product that leads straight to a value. */
  private static @Nullable Value matrixBefore(Value value) {
    for (Value at = value; ; ) {
      Node producer = at.producer().orElse(null);
      if (producer == null) {
        return null;
      }
      if (PRODUCTS.contains(producer.op().type())) {
        return matrix(producer, -1);
      }
      if (!CARRIERS.contains(producer.op().type())) {
        return null;
      }
      at = producer.input(0);
    }
  }

  private static @Nullable Value nearest(Node start, Function<Node, Stream<Node>> next) {
    Deque<Node> frontier = new ArrayDeque<>(List.of(start));
    Set<Node> seen = new HashSet<>(frontier);
    while (!frontier.isEmpty() && seen.size() < MAX_NODES) {
      Node node = frontier.remove();
      if (PRODUCTS.contains(node.op().type())) {
        Value matrix = matrix(node, -1);
        if (matrix != null) {
          return matrix;
        }
      }
      next.apply(node).filter(seen::add).forEach(frontier::add);
    }
    return null;
  }

  private static Stream<Node> readers(Value value) {
    return value.uses().stream().map(Use::node);
  }

  private static Stream<Node> producers(Node node) {
    return node.presentInputs().flatMap(input -> input.producer().stream());
  }

  /** The stored matrix that a product multiplies with, other than by one of its operands. */
  private static @Nullable Value matrix(Node product, int except) {
    for (int i = 0; i < product.inputs().size(); i++) {
      Value operand = product.optionalInput(i);
      Value stored = operand == null || i == except ? null : stored(operand);
      Tensor tensor = stored == null ? null : ConstantValue.of(stored);
      if (tensor != null && tensor.rank() >= 2 && !Uniform.is(tensor)) {
        return stored;
      }
    }
    return null;
  }

  private static @Nullable Value stored(Value operand) {
    Value at = operand;
    while (ConstantValue.of(at) == null) {
      Node producer = at.producer().orElse(null);
      if (producer == null || !CARRIERS.contains(producer.op().type())) {
        return null;
      }
      at = producer.input(0);
    }
    return at;
  }
}
