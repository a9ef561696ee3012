package io.gohsp.verify;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.ort.OrtProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether two programs can stand in for each other before any number is looked at. */
final class Signature {
  private Signature() {}

  /**
   * What differs, or null if candidate takes and returns what the reference does.
   *
   * @param probes outputs that do not count
   */
  static @Nullable String difference(
      OrtProgram reference, OrtProgram candidate, Set<String> probes) {
    String inputs = difference("input", reference.inputs(), candidate.inputs());
    return inputs != null
        ? inputs
        : difference(
            "output", without(probes, reference.outputs()), without(probes, candidate.outputs()));
  }

  private static Map<String, ValueType> without(Set<String> probes, Map<String, ValueType> types) {
    Map<String, ValueType> rest = new LinkedHashMap<>(types);
    rest.keySet().removeAll(probes);
    return rest;
  }

  private static @Nullable String difference(
      String kind, Map<String, ValueType> expected, Map<String, ValueType> actual) {
    List<String> names = new ArrayList<>(expected.keySet());
    if (!names.equals(List.copyOf(actual.keySet()))) {
      return "its " + kind + "s are " + actual.keySet() + " instead of " + names;
    }
    for (String name : names) {
      ValueType want = expected.get(name);
      ValueType have = actual.get(name);
      if (want == null || have == null || !compatible(want, have)) {
        return kind + " \"" + name + "\" is declared " + have + " instead of " + want;
      }
    }
    return null;
  }

  private static boolean compatible(ValueType want, ValueType have) {
    if (!(want instanceof TensorType a) || !(have instanceof TensorType b)) {
      return want.getClass() == have.getClass();
    }
    List<Dim> expected = a.shape();
    List<Dim> actual = b.shape();
    if (a.element() != b.element()) {
      return false;
    }
    if (expected == null || actual == null || expected.isEmpty() || actual.isEmpty()) {
      return true; // ONNX Runtime reports an undeclared rank as rank 0
    }
    if (expected.size() != actual.size()) {
      return false;
    }
    for (int axis = 0; axis < expected.size(); axis++) {
      Dim x = expected.get(axis);
      Dim y = actual.get(axis);
      if (x.isKnown() && y.isKnown() && x.value() != y.value()) {
        return false;
      }
    }
    return true;
  }
}
