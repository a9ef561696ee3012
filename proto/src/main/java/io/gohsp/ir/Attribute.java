package io.gohsp.ir;

import io.gohsp.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named attribute of a node.
 *
 * @param residue what the file said beyond name and value; an attribute that still has the residue
 *     it was read with is written back exactly as it was
 */
public record Attribute(String name, Content content, @Nullable Residue residue) {

  /** The kinds of content an attribute can have. */
  public sealed interface Content {}

  /** One whole number. */
  public record IntValue(long value) implements Content {}

  /** One 32-bit float. */
  public record FloatValue(float value) implements Content {}

  /** Text (bytes in the file, read as UTF-8). */
  public record StringValue(String value) implements Content {}

  /** A constant. */
  public record TensorValue(Tensor value) implements Content {}

  /** A nested graph, as If and Loop have. */
  public record GraphValue(Graph value) implements Content {}

  /** Whole numbers. */
  public record IntsValue(List<Long> values) implements Content {
    public IntsValue {
      values = List.copyOf(values);
    }
  }

  /** 32-bit floats. */
  public record FloatsValue(List<Float> values) implements Content {
    public FloatsValue {
      values = List.copyOf(values);
    }
  }

  /** Texts. */
  public record StringsValue(List<String> values) implements Content {
    public StringsValue {
      values = List.copyOf(values);
    }
  }

  /** Nested graphs. */
  public record GraphsValue(List<Graph> values) implements Content {
    public GraphsValue {
      values = List.copyOf(values);
    }
  }

  /**
   * Inside a local function: stands for an attribute of the call.
   *
   * @param attribute the name of the function's attribute
   * @param typeCode the file's code of the attribute's type
   */
  public record Reference(String attribute, int typeCode) implements Content {}

  /** Anything else (sparse tensors, types, lists of tensors): only the residue knows. */
  public record Opaque() implements Content {}

  public static Attribute of(String name, long value) {
    return new Attribute(name, new IntValue(value), null);
  }

  public static Attribute of(String name, float value) {
    return new Attribute(name, new FloatValue(value), null);
  }

  public static Attribute of(String name, String value) {
    return new Attribute(name, new StringValue(value), null);
  }

  public static Attribute of(String name, Tensor value) {
    return new Attribute(name, new TensorValue(value), null);
  }

  public static Attribute of(String name, Graph value) {
    return new Attribute(name, new GraphValue(value), null);
  }

  /** A list of whole numbers. */
  public static Attribute ofInts(String name, List<Long> values) {
    return new Attribute(name, new IntsValue(values), null);
  }

  /** A list of floats. */
  public static Attribute ofFloats(String name, List<Float> values) {
    return new Attribute(name, new FloatsValue(values), null);
  }

  /** The nested graphs this attribute holds, if any. */
  public List<Graph> graphs() {
    if (content instanceof GraphValue one) {
      return List.of(one.value());
    }
    return content instanceof GraphsValue many ? many.values() : List.of();
  }
}
