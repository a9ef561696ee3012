package io.gohsp.shape;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What ONNX Runtime really computes for every value of a model's main graph, with no optimisation.
 */
public final class ActualValues {
  /**
   * @param type as ONNX Runtime names it
   * @param shape extents
   * @param whole contents, if they are whole numbers or booleans and few; else empty
   */
  public record Actual(ElementType type, List<Long> shape, List<Long> whole) {}

  private ActualValues() {}

  /** Runs the model on the given inputs, by name; values of the original. */
  public static Map<Value, Actual> of(Model model, Map<String, Tensor> inputs) throws OrtException {
    ModelCopy copy = ModelCopy.of(model);
    List<Value> wanted = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      node.presentOutputs().forEach(wanted::add);
    }
    copy.model().graph().clearOutputs();
    wanted.forEach(value -> copy.model().graph().addOutput(copy.of(value)));
    Map<Value, Actual> actual = new LinkedHashMap<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      Map<String, OnnxTensorLike> feeds = new LinkedHashMap<>();
      try (OrtSession session =
          environment.createSession(OnnxWriter.toBytes(copy.model()), options)) {
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
          feeds.put(input.getKey(), feed(environment, input.getValue()));
        }
        try (OrtSession.Result result = session.run(feeds)) {
          for (Value value : wanted) {
            OnnxValue output = result.get(value.name()).orElseThrow();
            if (output instanceof OnnxTensor tensor) {
              actual.put(value, actual(tensor));
            }
          }
        }
      } finally {
        feeds.values().forEach(OnnxTensorLike::close);
      }
    }
    return actual;
  }

  private static OnnxTensor feed(OrtEnvironment environment, Tensor tensor) throws OrtException {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(tensor.data().byteSize()))
            .order(ByteOrder.nativeOrder());
    bytes.put(tensor.data().bytes()).flip();
    return OnnxTensor.createTensor(environment, bytes, tensor.dims(), javaType(tensor.type()));
  }

  private static OnnxJavaType javaType(ElementType type) {
    return switch (type) {
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      default -> OnnxJavaType.valueOf(type.name());
    };
  }

  private static Actual actual(OnnxTensor tensor) throws OrtException {
    ElementType type =
        ElementType.valueOf(
            tensor.getInfo().onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", ""));
    List<Long> whole = new ArrayList<>();
    if ((type.isInteger() || type == ElementType.BOOL)
        && tensor.getInfo().getNumElements() <= SymbolicTensor.MAX_ELEMENTS) {
      ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
      while (bytes.hasRemaining()) {
        whole.add(
            switch (type.bits()) {
              case 64 -> bytes.getLong();
              case 32 -> (long) bytes.getInt();
              case 16 -> (long) bytes.getShort();
              default -> type == ElementType.INT8 ? bytes.get() : Byte.toUnsignedLong(bytes.get());
            });
      }
    }
    return new Actual(type, Arrays.stream(tensor.getInfo().getShape()).boxed().toList(), whole);
  }
}
