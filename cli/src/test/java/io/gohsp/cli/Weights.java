package io.gohsp.cli;

import com.google.protobuf.ByteString;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Changes numbers in the weights of a model file. */
final class Weights {
  private Weights() {}

  /** A new value for an element. */
  interface Change {
    float of(int index, float value);
  }

  /** Writes a copy of {@code model} in which one initializer of raw floats is changed. */
  static Path changed(Path model, String initializer, Path copy, Change change) throws IOException {
    ModelProto.Builder proto = ModelProto.parseFrom(Files.readAllBytes(model)).toBuilder();
    for (TensorProto.Builder tensor : proto.getGraphBuilder().getInitializerBuilderList()) {
      if (tensor.getName().equals(initializer)) {
        byte[] bytes = tensor.getRawData().toByteArray();
        ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < bytes.length / 4; i++) {
          floats.putFloat(4 * i, change.of(i, floats.getFloat(4 * i)));
        }
        tensor.setRawData(ByteString.copyFrom(bytes));
        return Files.write(copy, proto.build().toByteArray());
      }
    }
    throw new AssertionError("no " + initializer + " in " + model);
  }
}
