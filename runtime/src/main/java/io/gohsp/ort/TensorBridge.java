package io.gohsp.ort;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.ValueInfo;
import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@link HostTensor} to {@link OnnxTensor} and back. */
final class TensorBridge {
  private static final String TYPE_PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

  private TensorBridge() {}

  /**
   * A tensor over the same memory if that is direct, a copy otherwise. It keeps the memory alive;
   * the caller closes it.
   *
   * @throws OrtException if ONNX Runtime refuses
   * @throws IllegalArgumentException if its Java interface has no tensors of this type
   */
  static OnnxTensor toOnnx(HostTensor tensor) throws OrtException {
    if (tensor.type() == ElementType.STRING) {
      return OnnxTensor.createTensor(
          Environment.get(), tensor.texts().toArray(String[]::new), tensor.dims());
    }
    return OnnxTensor.createTensor(
        Environment.get(), tensor.bytes(), tensor.dims(), javaType(tensor.type()));
  }

  /** Whether {@link #toOnnx} takes tensors of this type. */
  static boolean canFeed(ElementType type) {
    return type == ElementType.STRING || find(type) != null;
  }

  private static OnnxJavaType javaType(ElementType type) {
    OnnxJavaType found = find(type);
    if (found == null) {
      throw new IllegalArgumentException(
          "ONNX Runtime's Java interface cannot feed " + type + " tensors");
    }
    return found;
  }

  private static @Nullable OnnxJavaType find(ElementType type) {
    return switch (type) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      default -> null;
    };
  }

  /**
   * A copy of what a run returned.
   *
   * @throws IllegalArgumentException if it is not a dense tensor of a type with whole bytes
   */
  static HostTensor toHost(OnnxValue value) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new IllegalArgumentException(
          "is a " + value.getType() + ", and only dense tensors are supported");
    }
    TensorInfo info = tensor.getInfo();
    if (info.type == OnnxJavaType.STRING) {
      return HostTensor.ofTexts(info.getShape(), flatten(tensor.getValue()).toList());
    }
    ElementType type = elementType(info);
    ByteBuffer bytes = tensor.getByteBuffer();
    if (type.bits() < 8
        || bytes == null
        || bytes.remaining() != type.bytes(info.getNumElements())) {
      throw new IllegalArgumentException(
          "has element type " + type + ", which ONNX Runtime's Java interface cannot read");
    }
    return HostTensor.wrap(type, info.getShape(), bytes);
  }

  private static Stream<String> flatten(Object value) {
    return value instanceof Object[] rows
        ? Arrays.stream(rows).flatMap(TensorBridge::flatten)
        : Stream.of((String) value);
  }

  /** What ONNX Runtime declares about an input or output. */
  static ValueType typeOf(ValueInfo info) {
    if (!(info instanceof TensorInfo tensor)) {
      return new ValueType.Opaque(info.toString());
    }
    long[] shape = tensor.getShape();
    String[] symbols = tensor.getDimensionNames();
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      boolean named = symbols != null && !symbols[axis].isEmpty();
      dims.add(
          shape[axis] >= 0 ? Dim.of(shape[axis]) : named ? Dim.of(symbols[axis]) : Dim.UNKNOWN);
    }
    return new ValueType.TensorType(elementType(tensor), dims);
  }

  /** By name: ONNX Runtime's Java enum has numbers of its own. */
  private static ElementType elementType(TensorInfo info) {
    String name = info.onnxType.name().substring(TYPE_PREFIX.length());
    return Arrays.stream(ElementType.values())
        .filter(type -> type.name().equals(name))
        .findFirst()
        .orElse(ElementType.UNDEFINED);
  }
}
