package io.gohsp.io;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.onnx.TensorShapeProto;
import io.gohsp.onnx.TypeProto;
import io.gohsp.onnx.ValueInfoProto;
import io.gohsp.tensor.ElementType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes messages that declare values, from the old ones where there are any. */
final class DeclarationWriter {
  private DeclarationWriter() {}

  /**
   * A declaration of {@code name} that states {@code type} and keeps the rest of the old one, the
   * denotations of axes that stay as they are included.
   */
  static ValueInfoProto declaration(String name, @Nullable ValueType type, @Nullable Span old) {
    return old == null
        ? retyped(ValueInfoProto.newBuilder().setName(name), type)
        : retyped(parse(old).toBuilder(), type);
  }

  private static ValueInfoProto parse(Span message) {
    try {
      return ValueInfoProto.parseFrom(message.copy());
    } catch (InvalidProtocolBufferException e) {
      throw message
          .document()
          .broken(message.offset(), "the declaration of a value cannot be read: " + e.getMessage());
    }
  }

  private static Dim dim(TensorShapeProto.Dimension dim) {
    return dim.hasDimValue()
        ? Declaration.dim(dim.getDimValue())
        : Declaration.dim(dim.getDimParam());
  }

  private static ValueInfoProto retyped(ValueInfoProto.Builder result, @Nullable ValueType type) {
    if (type == null) {
      return result.clearType().build();
    }
    if (type instanceof ValueType.TensorType tensor) {
      TypeProto.Tensor.Builder target = result.getTypeBuilder().getTensorTypeBuilder();
      if (ElementType.of(target.getElemType()) != tensor.element()) {
        target.setElemType(tensor.element().code());
      }
      setShape(target, tensor.shape());
    }
    return result.build();
  }

  private static void setShape(TypeProto.Tensor.Builder target, @Nullable List<Dim> shape) {
    if (shape == null) {
      target.clearShape();
      return;
    }
    TensorShapeProto.Builder dims = target.getShapeBuilder();
    while (dims.getDimCount() > shape.size()) {
      dims.removeDim(dims.getDimCount() - 1);
    }
    for (int axis = 0; axis < shape.size(); axis++) {
      TensorShapeProto.Dimension.Builder dim =
          axis < dims.getDimCount() ? dims.getDimBuilder(axis) : dims.addDimBuilder();
      Dim wanted = shape.get(axis);
      if (dim(dim.build()).equals(wanted)) {
        continue;
      }
      dim.clearValue();
      if (wanted.isKnown()) {
        dim.setDimValue(wanted.value());
      } else if (wanted.symbol() != null) {
        dim.setDimParam(wanted.symbol());
      }
    }
  }
}
