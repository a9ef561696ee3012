package io.gohsp.zero;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.protobuf.ByteString;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.onnx.TensorProto;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a model on a fixture's recorded inputs in ONNX Runtime, with no optimisation. */
final class OrtRun {
  /**
   * @param dims extents
   * @param values row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
  record Output(long[] dims, float[] values) {}

  private OrtRun() {}

  /** The outputs that hold numbers, by name. */
  static Map<String, Output> of(Model model, Path folder) throws OrtException, IOException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensorLike> feeds = new LinkedHashMap<>();
    Map<String, Output> outputs = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      for (Value input : model.graph().inputs()) {
        if (input.constant() == null) {
          feeds.put(
              input.name(), feed(environment, folder.resolve("input_" + feeds.size() + ".pb")));
        }
      }
      try (OrtSession session = environment.createSession(OnnxWriter.toBytes(model), options);
          OrtSession.Result result = session.run(feeds)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          if (output.getValue() instanceof OnnxTensor tensor) {
            put(output.getKey(), tensor, outputs);
          }
        }
      }
    } finally {
      feeds.values().forEach(OnnxTensorLike::close);
    }
    return outputs;
  }

  private static OnnxTensor feed(OrtEnvironment environment, Path file)
      throws OrtException, IOException {
    TensorProto tensor = TensorProto.parseFrom(Files.readAllBytes(file));
    ByteString raw = tensor.getRawData();
    ByteBuffer bytes = ByteBuffer.allocateDirect(raw.size()).order(ByteOrder.nativeOrder());
    raw.copyTo(bytes);
    long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
    ElementType type = ElementType.of(tensor.getDataType());
    return OnnxTensor.createTensor(
        environment, bytes.flip(), dims, OnnxJavaType.valueOf(type.name()));
  }

  private static void put(String name, OnnxTensor tensor, Map<String, Output> outputs) {
    TensorInfo info = tensor.getInfo();
    ElementType type =
        ElementType.valueOf(info.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", ""));
    if (type.isFloating() || type.isInteger()) {
      TensorData data = new TensorData.Heap(tensor.getByteBuffer());
      outputs.put(
          name, new Output(info.getShape(), new Tensor(type, info.getShape(), data).floats()));
    }
  }
}
