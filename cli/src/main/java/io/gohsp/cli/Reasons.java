package io.gohsp.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line for each reason, with what it holds for. */
final class Reasons {
  private final Map<String, StringBuilder> byReason = new LinkedHashMap<>();

  /**
   * @param what it holds for
   * @param node where it was found out, as messages call it; null if nowhere
   */
  void add(String reason, String what, @Nullable String node, @Nullable String opType) {
    StringBuilder line = byReason.computeIfAbsent(reason, r -> new StringBuilder());
    line.append(line.isEmpty() ? "" : ", ")
        .append(what)
        .append(node == null ? "" : " (" + opType + " " + node + ")");
  }

  void print(PrintWriter out) {
    byReason.forEach((reason, where) -> out.println("  " + where + ": " + reason));
  }
}
