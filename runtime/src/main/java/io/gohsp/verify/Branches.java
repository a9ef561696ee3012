package io.gohsp.verify;

import io.gohsp.ort.HostTensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which branches samples take. A reference returns the conditions of its If nodes among the values
 * from inside, under names that start with {@link #PREFIX}.
 */
public final class Branches {
  /** Of outputs that are conditions. */
  public static final String PREFIX = "gohsp_condition_";

  private static final String LABEL = "the condition of ";

  private Branches() {}

  /** What messages call a condition. */
  public static String label(String node) {
    return LABEL + node;
  }

  private static boolean isCondition(String output) {
    return output.startsWith(PREFIX);
  }

  /** Outputs that are conditions. */
  static List<String> of(Collection<String> outputs) {
    return outputs.stream().filter(Branches::isCondition).toList();
  }

  /** What a condition is on a sample. */
  static boolean isTrue(HostTensor condition) {
    return condition.elements().applyAsDouble(0) != 0;
  }

  /**
   * Says which branches were taken.
   *
   * @param seen by condition, what it was
   */
  static Evidence evidence(
      Evidence evidence, Map<String, Set<Boolean>> seen, Map<String, String> labels) {
    Map<String, Evidence.Taken> taken = new LinkedHashMap<>();
    seen.forEach(
        (output, states) -> {
          String node = labels.getOrDefault(output, LABEL + output).substring(LABEL.length());
          taken.put(
              node,
              states.size() > 1
                  ? Evidence.Taken.BOTH
                  : states.contains(true) ? Evidence.Taken.THEN : Evidence.Taken.ELSE);
        });
    return evidence.withBranches(taken);
  }

  /** How many of the outputs are values from inside that are no conditions. */
  static int streams(Collection<String> outputs, Map<String, String> labels) {
    return (int)
        outputs.stream()
            .filter(output -> labels.containsKey(output) && !isCondition(output))
            .count();
  }
}
