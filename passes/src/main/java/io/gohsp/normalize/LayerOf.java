package io.gohsp.normalize;

import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which layer the reader of a vector belongs to, told by the matrix beside it: a bias by the matrix
 * whose product it is added to, a norm's scale and shift by the nearest matrix. That is the one
 * behind the norm where the stream goes on beside it (blocks that normalise first), and the one
 * before it where the norm alone reads its input.
 *
 * <p>A layer that is called again multiplies with its matrix again. So two readers beside one and
 * the same product are two parameters of its layer, such as the norms of queries and of keys behind
 * a packed projection: they are numbered, and the same numbers of two calls belong together.
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

  private final Map<Use, Object> parameters = new HashMap<>();

  /**
   * @param matrix beside which the reader stands
   * @param type of the operator that reads
   * @param operand that is read
   */
  private record Key(Value matrix, String type, int operand, boolean behind) {}

  /** A product with a stored matrix. */
  private record Product(Node node, Value matrix) {}

  /** One of the parameters of a layer that are read alike. */
  private record Numbered(Key key, int number) {}

  /**
   * The layers of all readers of a constant.
   *
   * @param readers in the order of the graph
   */
  LayerOf(List<Use> readers) {
    Map<List<Object>, Integer> beside = new HashMap<>();
    for (Use reader : readers) {
      Node node = reader.node();
      boolean behind = NORMS.contains(node.op().type()) && node.input(0).uses().size() > 1;
      Product product = product(reader, behind);
      Object parameter = reader;
      if (product != null) {
        Key key = new Key(product.matrix(), node.op().type(), reader.index(), behind);
        int number = beside.merge(List.of(key, product.node()), 1, Integer::sum);
        parameter = new Numbered(key, number);
      }
      parameters.put(reader, parameter);
    }
  }

  /** Equal for the readers of one parameter; the use itself where no matrix is beside it. */
  Object reader(Use use) {
    return Objects.requireNonNull(parameters.get(use), "a reader of the constant");
  }

  private static @Nullable Product product(Use reader, boolean behind) {
    Node node = reader.node();
    String type = node.op().type();
    if (PRODUCTS.contains(type)) {
      Value matrix = matrix(node, reader.index());
      return matrix == null ? null : new Product(node, matrix);
    }
    if (node.is("Add")) {
      Value other = node.optionalInput(1 - reader.index());
      return other == null ? null : productBefore(other);
    }
    if (NORMS.contains(type) && reader.index() > 0) {
      return behind
          ? nearest(node, n -> n.presentOutputs().flatMap(LayerOf::readers))
          : nearest(node, LayerOf::producers);
    }
    return null;
  }

  /** The product that leads straight to a value. */
  private static @Nullable Product productBefore(Value value) {
    for (Value at = value; ; ) {
      Node producer = at.producer().orElse(null);
      if (producer == null) {
        return null;
      }
      if (PRODUCTS.contains(producer.op().type())) {
        Value matrix = matrix(producer, -1);
        return matrix == null ? null : new Product(producer, matrix);
      }
      if (!CARRIERS.contains(producer.op().type())) {
        return null;
      }
      at = producer.input(0);
    }
  }

  private static @Nullable Product nearest(Node start, Function<Node, Stream<Node>> next) {
    Deque<Node> frontier = new ArrayDeque<>(List.of(start));
    Set<Node> seen = new HashSet<>(frontier);
    while (!frontier.isEmpty() && seen.size() < MAX_NODES) {
      Node node = frontier.remove();
      if (PRODUCTS.contains(node.op().type())) {
        Value matrix = matrix(node, -1);
        if (matrix != null) {
          return new Product(node, matrix);
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
