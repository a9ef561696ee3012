package io.gohsp.work;

import io.gohsp.plan.InvalidOption;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What must be the same for a run in a work directory to be continued: everything that has a part
 * in its result, as {@link Settings}.
 */
public final class RunIdentity {
  /** What only follows from another setting, and is said if nothing else differs. */
  private static final Set<String> CONSEQUENCES = Set.of("stopAfter");

  private RunIdentity() {}

  /**
   * Compares the run that began with the one that wants to go on.
   *
   * @param file where the first is recorded
   * @throws InvalidOption if they differ, with a line for each setting that does
   */
  public static void requireSame(Path file, String before, String now) {
    if (!before.equals(now)) {
      throw new InvalidOption(
          file
              + " is of another run; give another --work directory, or the same options and files;"
              + " what differs:",
          differences(Settings.of(before), Settings.of(now)));
    }
  }

  private static List<String> differences(Map<String, String> before, Map<String, String> now) {
    Set<String> differ = new LinkedHashSet<>(now.keySet());
    differ.addAll(before.keySet());
    differ.removeIf(path -> now.getOrDefault(path, "").equals(before.getOrDefault(path, "")));
    Set<String> lines = new LinkedHashSet<>();
    for (boolean all : new boolean[] {false, true}) {
      for (String path : differ) {
        int dot = path.lastIndexOf('.');
        boolean within = dot >= 0 && differ.contains(path.substring(0, dot));
        boolean consequence = CONSEQUENCES.contains(path.substring(dot + 1));
        if (all ? lines.isEmpty() : !within && !consequence) {
          lines.add(
              "%s: %s now, %s then"
                  .formatted(
                      Settings.option(path),
                      now.getOrDefault(path, "none"),
                      before.getOrDefault(path, "none")));
        }
      }
    }
    return List.copyOf(lines);
  }
}
