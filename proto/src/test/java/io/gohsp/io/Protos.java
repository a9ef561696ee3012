package io.gohsp.io;

import com.google.protobuf.ByteString;
import io.gohsp.onnx.AttributeProto;
import io.gohsp.onnx.AttributeProto.AttributeType;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.NodeProto;
import io.gohsp.onnx.OperatorSetIdProto;
import io.gohsp.onnx.StringStringEntryProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.onnx.TypeProto;
import io.gohsp.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Small models, message by message, as files contain them: the reader is tested against protobuf,
 * not itself.
 */
final class Protos {
  private Protos() {}

  /** A model with this main graph, of opset 17. */
  static ModelProto.Builder model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("test")
        .setGraph(graph)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17));
  }

  /** A graph from input x to output y, both float[2]. */
  static GraphProto.Builder graph(NodeProto.Builder... nodes) {
    GraphProto.Builder graph =
        GraphProto.newBuilder().setName("main").addInput(value("x", 2)).addOutput(value("y", 2));
    List.of(nodes).forEach(graph::addNode);
    return graph;
  }

  static NodeProto.Builder node(String type, List<String> inputs, List<String> outputs) {
    return NodeProto.newBuilder().setOpType(type).addAllInput(inputs).addAllOutput(outputs);
  }

  /** The shortest node there is. */
  static NodeProto.Builder relu(String input, String output) {
    return node("Relu", List.of(input), List.of(output));
  }

  /** Its only node is {@code y = Relu(x)}. */
  static ModelProto.Builder reluModel() {
    return model(graph(relu("x", "y")));
  }

  static ValueInfoProto.Builder value(String name, long... dims) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getTensorTypeBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE).getShapeBuilder();
    for (long dim : dims) {
      type.getTensorTypeBuilder().getShapeBuilder().addDimBuilder().setDimValue(dim);
    }
    return ValueInfoProto.newBuilder().setName(name).setType(type);
  }

  /** A tensor without contents. */
  static TensorProto.Builder tensor(String name, TensorProto.DataType type, long... dims) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    return tensor;
  }

  /** A float vector as raw data. */
  static TensorProto.Builder floats(String name, float... values) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return tensor(name, TensorProto.DataType.FLOAT, values.length)
        .setRawData(ByteString.copyFrom(raw));
  }

  /** A float tensor in a side file. */
  static TensorProto.Builder external(
      String name, String location, long offset, long length, long... dims) {
    return tensor(name, TensorProto.DataType.FLOAT, dims)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", location))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(length)));
  }

  static StringStringEntryProto.Builder entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value);
  }

  static AttributeProto.Builder attribute(String name, GraphProto.Builder graph) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.GRAPH).setG(graph);
  }

  static AttributeProto.Builder attribute(String name, TensorProto.Builder tensor) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.TENSOR).setT(tensor);
  }

  static AttributeProto.Builder attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value);
  }
}
