package io.gohsp.work;

import io.gohsp.plan.InvalidOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What must be the same for a run in a work directory to be continued: everything that has a part
 * in its result, as text, in parts with semicolons between them.
 */
public final class RunIdentity {
  private RunIdentity() {}

  /**
   * Compares the run that began with the one that wants to go on.
   *
   * @param file where the first is recorded
   * @throws InvalidOption if they differ, naming what does
   */
  public static void requireSame(Path file, String before, String now) {
    if (!before.equals(now)) {
      throw new InvalidOption(
          "%s is of another run; %s; give another --work directory, or the same options and files"
              .formatted(file, difference(before, now)));
    }
  }

  /** The settings that differ; where others were added or left out, the first part with any. */
  private static String difference(String before, String now) {
    String[] then = before.split("[;,] ", -1);
    String[] here = now.split("[;,] ", -1);
    if (then.length != here.length) {
      then = before.split("; ", -1);
      here = now.split("; ", -1);
    }
    List<String> old = new ArrayList<>();
    List<String> current = new ArrayList<>();
    for (int i = 0; i < Math.min(then.length, here.length); i++) {
      if (!then[i].equals(here[i])) {
        old.add(setting(then[i]));
        current.add(setting(here[i]));
      }
    }
    return old.isEmpty()
        ? "it was begun with [%s], this one is [%s]".formatted(before, now)
        : "it was begun with %s, this one has %s"
            .formatted(String.join(", ", old), String.join(", ", current));
  }

  /** Without the brackets of the record it is the first or last of. */
  private static String setting(String text) {
    int opened = text.lastIndexOf('[');
    return text.indexOf(']') < 0 ? text.substring(opened + 1) : text.replaceAll("]+$", "");
  }
}
