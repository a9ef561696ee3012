package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.TransposeOp;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is left to do once forward and backward pass are one graph: transposes that a Gemm can do as
 * it reads, expressions written twice, nodes nobody reads, outputs that share a value. Gradients
 * keep their place among the outputs.
 */
public final class JointCleanup {
  /** Constants up to this size are compared by contents. */
  private static final int SMALL = 64;

  /** The same call need not give the same result. */
  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Bernoulli",
          "Multinomial",
          "Dropout");

  private JointCleanup() {}

  /** Changes the model; outputs keep their order, and each is computed by a node for it alone. */
  public static void run(Model model) {
    Graph graph = model.graph();
    removeDead(graph);
    mergeConstants(graph);
    mergeExpressions(graph);
    foldTransposes(graph);
    ScalarFactors.move(graph);
    removeDead(graph);
    separateOutputs(graph);
  }

  /** Gives each output a value of its own, which a node computes. */
  private static void separateOutputs(Graph graph) {
    Set<Value> seen = new HashSet<>();
    List<Value> outputs = graph.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      Value output = outputs.get(i);
      if (output.producer().isEmpty() || !seen.add(output)) {
        Value own = graph.append(OpId.of("Identity"), output.name() + "_output", output).output();
        graph.setOutput(i, own);
        seen.add(own);
      }
    }
  }

  /** Removes nodes and initializers that no output depends on. */
  static void removeDead(Graph graph) {
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).presentOutputs().noneMatch(Value::isUsed)) {
        graph.remove(nodes.get(i));
      }
    }
    for (Value initializer : graph.initializers()) {
      if (!initializer.isUsed()) {
        graph.removeInitializer(initializer);
      }
    }
  }

  private static void mergeConstants(Graph graph) {
    Map<List<Object>, Value> first = new HashMap<>();
    for (Value initializer : graph.initializers()) {
      Tensor constant = initializer.constant();
      if (constant == null
          || constant.size() > SMALL
          || constant.type().bits() == 0
          || initializer.isGraphInput()
          || initializer.isGraphOutput()) {
        continue;
      }
      List<Object> key =
          List.of(
              constant.type(),
              Arrays.stream(constant.dims()).boxed().toList(),
              constant.data().bytes());
      Value same = first.putIfAbsent(key, initializer);
      if (same != null) {
        initializer.replaceAllUsesWith(same);
      }
    }
  }

  private static void mergeExpressions(Graph graph) {
    Map<List<Object>, Node> first = new HashMap<>();
    Map<Value, Integer> numbers = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.subgraphs().findAny().isPresent() || RANDOM.contains(node.op().type())) {
        continue;
      }
      List<Object> operands =
          node.inputs().stream()
              .map(v -> (Object) (v == null ? -1 : numbers.computeIfAbsent(v, x -> numbers.size())))
              .toList();
      Map<String, Attribute.Content> attributes =
          node.attributes().stream().collect(Collectors.toMap(Attribute::name, Attribute::content));
      Node same =
          first.putIfAbsent(List.of(node.op(), operands, attributes, node.outputs().size()), node);
      if (same != null) {
        merge(graph, node, same);
      }
    }
  }

  private static void merge(Graph graph, Node node, Node same) {
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      if (output == null) {
        continue;
      }
      Value twin = same.demandOutput(i, output.name() + "_twin");
      output.replaceAllUsesWith(twin);
      List<Value> outputs = graph.outputs();
      for (int o = 0; o < outputs.size(); o++) {
        if (outputs.get(o) == output) {
          graph.setOutput(o, twin);
        }
      }
    }
  }

  /** A Gemm reads either operand transposed, and {@code (A B)ᵀ = Bᵀ Aᵀ}. */
  private static void foldTransposes(Graph graph) {
    for (Node node : graph.nodes()) {
      if (node.is("Gemm")) {
        readTransposed(node, 0, "transA");
        readTransposed(node, 1, "transB");
      } else if (isSwap(node)) {
        Node product = node.input(0).producer().orElse(null);
        if (product != null
            && product.is("Gemm")
            && product.optionalInput(2) == null
            && !product.output().isGraphOutput()
            && product.output().uses().size() == 1) {
          transposeProduct(product);
          Value result = node.output();
          result.replaceAllUsesWith(product.output());
          List<Value> outputs = graph.outputs();
          for (int o = 0; o < outputs.size(); o++) {
            if (outputs.get(o) == result) {
              graph.setOutput(o, product.output());
            }
          }
        }
      }
    }
  }

  private static void transposeProduct(Node gemm) {
    Value a = gemm.input(0);
    Value b = gemm.input(1);
    long transA = gemm.intAttribute("transA", 0);
    long transB = gemm.intAttribute("transB", 0);
    gemm.setInput(0, b);
    gemm.setInput(1, a);
    gemm.setAttribute(Attribute.of("transA", 1 - transB));
    gemm.setAttribute(Attribute.of("transB", 1 - transA));
  }

  private static void readTransposed(Node gemm, int operand, String flag) {
    Node producer = gemm.input(operand).producer().orElse(null);
    if (producer != null && isSwap(producer)) {
      gemm.setInput(operand, producer.input(0));
      gemm.setAttribute(Attribute.of(flag, 1 - gemm.intAttribute(flag, 0)));
    }
  }

  /** Whether a node transposes a matrix. */
  private static boolean isSwap(Node node) {
    if (!node.is("Transpose")) {
      return false;
    }
    List<Long> perm = TransposeOp.of(node).perm();
    return perm != null && perm.equals(List.of(1L, 0L));
  }
}
