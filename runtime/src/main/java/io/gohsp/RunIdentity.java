package io.gohsp;

import io.gohsp.plan.InvalidOption;
import java.nio.file.Path;

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
   * @throws InvalidOption if they differ, naming the first part that does
   */
  public static void requireSame(Path file, String before, String now) {
    if (!before.equals(now)) {
      throw new InvalidOption(
          "%s is of another run; %s; give another --work directory, or the same options and files"
              .formatted(file, difference(before, now)));
    }
  }

  private static String difference(String before, String now) {
    String[] then = before.split("; ", -1);
    String[] here = now.split("; ", -1);
    for (int i = 0; i < Math.min(then.length, here.length); i++) {
      if (!then[i].equals(here[i])) {
        return "it was begun with [%s], this one is [%s]".formatted(then[i], here[i]);
      }
    }
    return "it was begun with [%s], this one is [%s]".formatted(before, now);
  }
}
