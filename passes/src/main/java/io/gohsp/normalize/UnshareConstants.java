package io.gohsp.normalize;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives each reader of a constant its own copy, where the constant is shared by value and not by
 * design. Exporters merge equal biases and tables of different blocks; were they left shared, those
 * blocks could only be cut alike. Matrices that readers multiply with stay shared: they are tied on
 * purpose, and copying them would make the model larger.
 */
public final class UnshareConstants {
  private static final Set<String> PRODUCTS =
      Set.of(
          "MatMul",
          "Gemm",
          "Einsum",
          "Conv",
          "FusedMatMul",
          "FusedGemm",
          "FusedConv",
          "MatMulInteger",
          "QLinearMatMul",
          "MatMulNBits",
          "Attention",
          "QAttention",
          "MultiHeadAttention",
          "DequantizeLinear",
          "QuantizeLinear",
          "Transpose",
          "Cast",
          "Identity",
          "Reshape",
          "Gather");

  private UnshareConstants() {}

  /**
   * @return every copy made, with the constant it is a copy of
   */
  public static Map<Value, Value> run(Model model) {
    Map<Value, Value> copies = new LinkedHashMap<>();
    Traversal.graphsWithin(model.graph())
        .toList()
        .forEach(
            graph -> graph.initializers().forEach(initializer -> unshare(initializer, copies)));
    for (Node constant :
        Traversal.nodesWithin(model.graph()).filter(n -> n.is("Constant")).toList()) {
      unshareNode(constant, copies);
    }
    return copies;
  }

  private static boolean isShareable(List<Use> uses) {
    return uses.size() > 1
        && uses.stream().noneMatch(use -> PRODUCTS.contains(use.node().op().type()));
  }

  private static void unshare(Value initializer, Map<Value, Value> copies) {
    if (initializer.constant() == null
        || initializer.isGraphInput()
        || initializer.constant().size() < 2
        || initializer.constant().type() == ElementType.INT64
        || !isShareable(initializer.uses())) {
      return;
    }
    copyForAllButOne(initializer, copies);
  }

  private static void copyForAllButOne(Value constant, Map<Value, Value> copies) {
    List<Use> uses = constant.uses();
    for (Use use : uses.subList(1, uses.size())) {
      Value copy = Constants.copy(constant, constant.name());
      use.replaceWith(copy);
      copies.put(copy, constant);
    }
  }

  private static void unshareNode(Node constant, Map<Value, Value> copies) {
    Value value = constant.output();
    boolean table =
        constant.attribute("value") != null
            && io.gohsp.op.ConstantValue.of(value) != null
            && io.gohsp.op.ConstantValue.of(value).size() > 1
            && io.gohsp.op.ConstantValue.of(value).type() != ElementType.INT64;
    if (!table || value.isGraphOutput() || !isShareable(value.uses())) {
      return;
    }
    copyForAllButOne(value, copies);
  }
}
