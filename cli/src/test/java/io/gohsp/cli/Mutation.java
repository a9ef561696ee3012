package io.gohsp.cli;

import com.google.protobuf.ByteString;
import io.gohsp.onnx.AttributeProto;
import io.gohsp.onnx.AttributeProto.AttributeType;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.NodeProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.onnx.TensorShapeProto;
import io.gohsp.onnx.ValueInfoProto;
import io.gohsp.shape.ShapeRules;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Ways to damage a model so that it still looks like one. */
enum Mutation {
  ATTRIBUTE_NUMBER {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      AttributeProto.Builder attribute = attribute(node(graph, random), random);
      if (attribute.getIntsCount() > 0 && random.nextInt(4) > 0) {
        attribute.setInts(random.nextInt(attribute.getIntsCount()), number(random));
      } else {
        attribute.setType(AttributeType.INT).setI(number(random));
      }
    }
  },
  ATTRIBUTE_LENGTH {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      AttributeProto.Builder attribute = attribute(node(graph, random), random);
      List<Long> all = new ArrayList<>(attribute.getIntsList());
      if (all.isEmpty() || random.nextBoolean()) {
        all.add(random.nextInt(all.size() + 1), number(random));
      } else {
        all.remove(random.nextInt(all.size()));
      }
      attribute.setType(AttributeType.INTS).clearInts().addAllInts(all);
    }
  },
  ATTRIBUTE_KIND {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      AttributeProto.Builder attribute = attribute(node(graph, random), random);
      switch (random.nextInt(3)) {
        case 0 -> attribute.setType(AttributeType.FLOAT).setF(random.nextFloat());
        case 1 -> attribute.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8("ab,b->a"));
        default -> attribute.setType(AttributeType.FLOATS).addFloats(2);
      }
    }
  },
  ATTRIBUTE_GONE {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      NodeProto.Builder node = node(graph, random);
      if (node.getAttributeCount() > 0) {
        node.removeAttribute(random.nextInt(node.getAttributeCount()));
      }
    }
  },
  OPERATOR {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      var op = OPERATORS.get(random.nextInt(OPERATORS.size()));
      node(graph, random).setOpType(op.type()).setDomain(op.domain());
    }
  },
  OPERANDS_SWAPPED {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      NodeProto.Builder node = node(graph, random);
      if (node.getInputCount() > 1) {
        int a = random.nextInt(node.getInputCount());
        int b = random.nextInt(node.getInputCount());
        String first = node.getInput(a);
        node.setInput(a, node.getInput(b)).setInput(b, first);
      }
    }
  },
  OPERAND_REPLACED {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      NodeProto.Builder node = node(graph, random);
      if (node.getInputCount() > 0) {
        node.setInput(random.nextInt(node.getInputCount()), value(graph, random));
      }
    }
  },
  OPERAND_ADDED {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      node(graph, random).addInput(value(graph, random));
    }
  },
  OPERAND_GONE {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      NodeProto.Builder node = node(graph, random);
      List<String> all = new ArrayList<>(node.getInputList());
      if (!all.isEmpty()) {
        int at = random.nextInt(all.size());
        if (random.nextBoolean()) {
          all.set(at, "");
        } else {
          all.remove(at);
        }
        node.clearInput().addAllInput(all);
      }
    }
  },
  RESULT_ADDED_OR_GONE {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      NodeProto.Builder node = node(graph, random);
      if (random.nextBoolean()) {
        node.addOutput("extra" + random.nextInt());
      } else if (node.getOutputCount() > 1) {
        List<String> all = new ArrayList<>(node.getOutputList());
        all.remove(random.nextInt(all.size()));
        node.clearOutput().addAllOutput(all);
      }
    }
  },
  NODE_BYPASSED {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      int at = random.nextInt(graph.getNodeCount());
      NodeProto node = graph.getNode(at);
      if (node.getInputCount() == 0 || node.getOutputCount() == 0) {
        return;
      }
      graph.removeNode(at);
      String by = node.getInput(random.nextInt(node.getInputCount()));
      for (NodeProto.Builder reader : graph.getNodeBuilderList()) {
        for (int i = 0; i < reader.getInputCount(); i++) {
          if (reader.getInput(i).equals(node.getOutput(0))) {
            reader.setInput(i, by);
          }
        }
      }
    }
  },
  NODE_TWICE {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      int at = random.nextInt(graph.getNodeCount());
      NodeProto.Builder copy = graph.getNode(at).toBuilder();
      if (copy.getInputCount() > 0 && copy.getOutputCount() > 0) {
        copy.setInput(0, copy.getOutput(0)).setName(copy.getName() + "twice");
        for (int i = 0; i < copy.getOutputCount(); i++) {
          copy.setOutput(i, copy.getOutput(i) + "twice");
        }
        String result = graph.getNode(at).getOutput(0);
        for (NodeProto.Builder reader : graph.getNodeBuilderList()) {
          for (int i = 0; i < reader.getInputCount(); i++) {
            if (reader.getInput(i).equals(result) && random.nextBoolean()) {
              reader.setInput(i, copy.getOutput(0));
            }
          }
        }
        graph.addNode(at + 1, copy);
      }
    }
  },
  WEIGHT_EXTENTS {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      if (graph.getInitializerCount() == 0) {
        return;
      }
      TensorProto.Builder tensor =
          graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
      List<Long> dims = new ArrayList<>(tensor.getDimsList());
      switch (random.nextInt(5)) {
        case 0 -> java.util.Collections.shuffle(dims, random);
        case 1 -> dims.add(random.nextInt(dims.size() + 1), 1L);
        case 2 -> {
          long all = dims.stream().reduce(1L, (a, b) -> a * b);
          dims.clear();
          dims.add(all);
        }
        case 3 -> {
          if (!dims.isEmpty()) {
            dims.remove(random.nextInt(dims.size()));
          }
        }
        default -> {
          if (!dims.isEmpty()) {
            dims.set(random.nextInt(dims.size()), (long) random.nextInt(40));
          }
        }
      }
      resize(tensor, dims);
    }
  },
  WHOLE_NUMBERS {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      List<TensorProto.Builder> whole = new ArrayList<>();
      for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
        if (isWhole(tensor)) {
          whole.add(tensor);
        }
      }
      for (NodeProto.Builder node : graph.getNodeBuilderList()) {
        for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
          if (attribute.hasT() && isWhole(attribute.getTBuilder())) {
            whole.add(attribute.getTBuilder());
          }
        }
      }
      if (!whole.isEmpty()) {
        TensorProto.Builder tensor = whole.get(random.nextInt(whole.size()));
        byte[] bytes = tensor.getRawData().toByteArray();
        ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        numbers.putLong(8 * random.nextInt(bytes.length / 8), number(random));
        tensor.setRawData(ByteString.copyFrom(bytes));
      }
    }
  },
  INPUT_EXTENTS {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      if (graph.getInputCount() > 0) {
        declaration(graph.getInputBuilder(random.nextInt(graph.getInputCount())), random);
      }
    }
  },
  DECLARED_EXTENTS {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      if (graph.getValueInfoCount() > 0) {
        declaration(graph.getValueInfoBuilder(random.nextInt(graph.getValueInfoCount())), random);
      } else if (graph.getOutputCount() > 0) {
        declaration(graph.getOutputBuilder(random.nextInt(graph.getOutputCount())), random);
      }
    }
  },
  ANOTHER_OUTPUT {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      if (graph.getOutputCount() > 0) {
        graph.getOutputBuilder(0).setName(value(graph, random)).clearType();
      }
    }
  },
  WEIGHT_TYPE {
    @Override
    void damage(GraphProto.Builder graph, Random random) {
      if (graph.getInitializerCount() > 0) {
        TensorProto.Builder tensor =
            graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
        tensor.setDataType(1 + random.nextInt(25));
      }
    }
  };

  private static final List<io.gohsp.ir.OpId> OPERATORS =
      List.copyOf(ShapeRules.standard().operators());
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
    "group",
    "num_heads",
    "kv_num_heads",
    "q_num_heads",
    "qkv_hidden_sizes",
    "block_size",
    "bits",
    "N",
    "K",
    "transA",
    "transB",
    "to",
    "batch_dims",
    "stash_type",
    "equation",
    "is_causal"
  };
  private static final String[] SYMBOLS = {
    "", "batch", "N", "0", "-1", "a b", "(N+1)", "2*N", "x#0", "floor(N,2)", "\u001b[31m", "é"
  };

  abstract void damage(GraphProto.Builder graph, Random random);

  /** A copy with so many damages, each to the main graph or a nested one. */
  static byte[] mutant(ModelProto model, Random random) {
    ModelProto.Builder copy = model.toBuilder();
    int damages = 1 + random.nextInt(3);
    for (int i = 0; i < damages; i++) {
      GraphProto.Builder graph = copy.getGraphBuilder();
      if (copy.getFunctionsCount() > 0 && random.nextInt(8) == 0) {
        copy.removeFunctions(random.nextInt(copy.getFunctionsCount()));
      }
      graph = nested(graph, random);
      if (graph.getNodeCount() > 0) {
        values()[random.nextInt(values().length)].damage(graph, random);
      }
    }
    if (random.nextInt(40) == 0 && copy.getOpsetImportCount() > 0) {
      copy.getOpsetImportBuilder(0).setVersion(1 + random.nextInt(25));
    }
    byte[] bytes = copy.build().toByteArray();
    if (random.nextInt(20) == 0) { // the wire has opinions of its own
      bytes[random.nextInt(Math.min(4000, bytes.length))] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static GraphProto.Builder nested(GraphProto.Builder graph, Random random) {
    List<GraphProto.Builder> inside = new ArrayList<>();
    for (NodeProto.Builder node : graph.getNodeBuilderList()) {
      for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
        if (attribute.hasG()) {
          inside.add(attribute.getGBuilder());
        }
      }
    }
    return inside.isEmpty() || random.nextInt(3) > 0
        ? graph
        : nested(inside.get(random.nextInt(inside.size())), random);
  }

  private static NodeProto.Builder node(GraphProto.Builder graph, Random random) {
    return graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
  }

  /** One that the node has, or a new one. */
  private static AttributeProto.Builder attribute(NodeProto.Builder node, Random random) {
    int count = node.getAttributeCount();
    if (count > 0 && random.nextInt(5) > 0) {
      return node.getAttributeBuilder(random.nextInt(count));
    }
    String name = ATTRIBUTES[random.nextInt(ATTRIBUTES.length)];
    for (AttributeProto.Builder known : node.getAttributeBuilderList()) {
      if (known.getName().equals(name)) {
        return known;
      }
    }
    return node.addAttributeBuilder().setName(name).setType(AttributeType.INT);
  }

  private static long number(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> Long.MAX_VALUE - random.nextInt(2);
      case 1 -> Long.MIN_VALUE + random.nextInt(2);
      case 2 -> Integer.MAX_VALUE + (long) random.nextInt(3);
      case 3 -> random.nextLong();
      case 4 -> 1L << random.nextInt(63);
      default -> random.nextInt(14) - 4L;
    };
  }

  private static String value(GraphProto.Builder graph, Random random) {
    int nodes = graph.getNodeCount();
    int pick = random.nextInt(nodes + graph.getInitializerCount() + graph.getInputCount());
    if (pick < nodes) {
      NodeProto node = graph.getNode(pick);
      return node.getOutputCount() == 0 ? "" : node.getOutput(0);
    }
    pick -= nodes;
    return pick < graph.getInitializerCount()
        ? graph.getInitializer(pick).getName()
        : graph.getInput(pick - graph.getInitializerCount()).getName();
  }

  private static boolean isWhole(TensorProto.Builder tensor) {
    return tensor.getDataType() == TensorProto.DataType.INT64_VALUE
        && tensor.getRawData().size() >= 8
        && tensor.getRawData().size() <= 800;
  }

  /** With as many bytes as that takes, where that is not outrageous. */
  private static void resize(TensorProto.Builder tensor, List<Long> dims) {
    long before = tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
    long after = dims.stream().reduce(1L, (a, b) -> a * b);
    ByteString raw = tensor.getRawData();
    if (before > 0 && after <= 100_000 && raw.size() % before == 0) {
      byte[] bytes = new byte[Math.toIntExact(raw.size() / before * after)];
      raw.substring(0, Math.min(raw.size(), bytes.length)).copyTo(bytes, 0);
      tensor.setRawData(ByteString.copyFrom(bytes));
    }
    tensor.clearDims().addAllDims(dims);
  }

  private static void declaration(ValueInfoProto.Builder value, Random random) {
    TensorShapeProto.Builder shape =
        value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    int rank = shape.getDimCount();
    int at = random.nextInt(rank + 1);
    if (at == rank) {
      if (rank > 0 && random.nextBoolean()) {
        shape.removeDim(rank - 1);
      } else {
        shape.addDimBuilder().setDimValue(random.nextInt(5));
      }
      return;
    }
    TensorShapeProto.Dimension.Builder dim = shape.getDimBuilder(at);
    switch (random.nextInt(4)) {
      case 0 -> dim.setDimValue(number(random));
      case 1 -> dim.clear();
      case 2 -> dim.setDimValue(random.nextInt(40));
      default -> dim.setDimParam(SYMBOLS[random.nextInt(SYMBOLS.length)]);
    }
  }
}
