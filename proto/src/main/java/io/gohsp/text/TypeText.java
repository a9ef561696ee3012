package io.gohsp.text;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Types as text: {@code float[B,3]}, with {@code ?} for an undeclared extent; {@code float} is a
 * scalar, {@code float[]} a tensor of undeclared rank.
 */
final class TypeText {
  private static final Map<String, ElementType> ELEMENTS = new LinkedHashMap<>();

  /** Types the IR carries along as {@link ValueType.Opaque}. */
  private static final Set<String> OTHERS =
      Set.of("seq", "map", "optional", "sparse_tensor", "opaque");

  static {
    for (ElementType type : ElementType.values()) {
      ELEMENTS.put(name(type), type);
    }
  }

  private TypeText() {}

  static String name(ElementType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  static boolean isTypeName(String word) {
    return ELEMENTS.containsKey(word) || OTHERS.contains(word);
  }

  /**
   * The element type of this name, which {@link #isTypeName} knows; null for a type that is no
   * tensor.
   */
  static @Nullable ElementType element(String word) {
    return ELEMENTS.get(word);
  }

  static String print(ValueType type) {
    if (type instanceof ValueType.Opaque opaque) {
      return opaque.description();
    }
    ValueType.TensorType tensor = (ValueType.TensorType) type;
    String element = name(tensor.element());
    if (tensor.shape() == null) {
      return element + "[]";
    }
    return tensor.shape().isEmpty()
        ? element
        : tensor.shape().stream()
            .map(TypeText::print)
            .collect(Collectors.joining(",", element + "[", "]"));
  }

  private static String print(Dim dim) {
    return dim.isKnown() || dim.symbol() == null ? dim.toString() : Identifiers.text(dim.symbol());
  }
}
