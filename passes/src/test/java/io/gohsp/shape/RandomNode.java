package io.gohsp.shape;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Models of one node with up to nine operands of any rank, and random attributes, some of the wrong
 * kind.
 */
public final class RandomNode {
  private static final int[] OPSETS = {1, 7, 9, 11, 13, 18, 23};
  private static final String[] ATTRIBUTES = {
    "axis",
    "axes",
    "perm",
    "keepdims",
    "split",
    "num_outputs",
    "kernel_shape",
    "strides",
    "pads",
    "dilations",
    "group",
    "output_shape",
    "output_padding",
    "num_heads",
    "kv_num_heads",
    "q_num_heads",
    "qkv_hidden_sizes",
    "starts",
    "ends",
    "blocksize",
    "batch_dims",
    "to",
    "k",
    "K",
    "N",
    "start",
    "end",
    "transA",
    "transB",
    "transBatchA",
    "num_scan_inputs",
    "scan_input_axes",
    "dtype",
    "ceil_mode",
    "shape",
    "allowzero",
    "noop_with_empty_axes",
    "interleaved",
    "rotary_embedding_dim",
    "block_size",
    "bits",
    "is_causal"
  };

  private RandomNode() {}

  /** A model with one node of an operator. */
  public static Model model(OpId op, Random random) {
    Model model = new Model("g", null);
    model.opsets().put("", (long) OPSETS[random.nextInt(OPSETS.length)]);
    Graph graph = model.graph();
    int rank = random.nextInt(6); // operands often have one rank, as they mostly have to
    List<@Nullable Value> inputs = new ArrayList<>();
    int count = random.nextInt(9);
    for (int i = 0; i < count; i++) {
      inputs.add(operand(graph, "x" + i, random.nextBoolean() ? rank : random.nextInt(6), random));
    }
    List<@Nullable Value> outputs = new ArrayList<>();
    int results = 1 + random.nextInt(4);
    for (int i = 0; i < results; i++) {
      outputs.add(graph.newValue("y" + i));
    }
    Node node = graph.append(op, "n", inputs, outputs);
    for (String attribute : ATTRIBUTES) {
      switch (random.nextInt(6)) {
        case 0 -> node.setAttribute(Attribute.of(attribute, random.nextInt(7) - 2L));
        case 1 -> node.setAttribute(Attribute.ofInts(attribute, numbers(random)));
        default -> {}
      }
    }
    if (op.type().equals("Einsum")) {
      String[] equations = {"ab,bc->ac", "...a,a", "aa", "->", "a->b", ""};
      node.setAttribute(Attribute.of("equation", equations[random.nextInt(equations.length)]));
    }
    graph.addOutput(outputs.get(0));
    return model;
  }

  private static List<Long> numbers(Random random) {
    return LongStream.generate(() -> random.nextInt(7) - 2L)
        .limit(random.nextInt(5))
        .boxed()
        .toList();
  }

  private static @Nullable Value operand(Graph graph, String name, int rank, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> {
        return null;
      }
      case 1 -> {
        long[] values = numbers(random).stream().mapToLong(Long::longValue).toArray();
        Tensor vector = Tensor.ofLongs(values);
        return graph.addInitializer(name, values.length == 1 ? Tensor.ofLong(values[0]) : vector);
      }
      case 2 -> {
        return graph.addInput(
            name, random.nextBoolean() ? null : new ValueType.TensorType(ElementType.INT64, null));
      }
      default -> {
        List<Dim> shape = new ArrayList<>();
        for (int i = rank; i > 0; i--) {
          shape.add(
              random.nextInt(3) == 0 ? Dim.of("N" + random.nextInt(3)) : Dim.of(random.nextInt(7)));
        }
        ElementType type = random.nextBoolean() ? ElementType.FLOAT : ElementType.INT64;
        return graph.addInput(name, new ValueType.TensorType(type, shape));
      }
    }
  }
}
