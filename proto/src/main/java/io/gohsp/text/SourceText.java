package io.gohsp.text;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;

/** The text being parsed; knows how to point at a place in it. */
record SourceText(String text) {
  /** The most that a message shows of a line, before and after the place in question. */
  private static final int MARGIN = 60;

  /**
   * An error at an offset: line and column (from 1), what is wrong, and the line with a caret
   * below.
   */
  ModelException.Malformed error(int offset, String problem) {
    int start = text.lastIndexOf('\n', offset - 1) + 1;
    int end = text.indexOf('\n', offset);
    end = end < 0 ? text.length() : end;
    long line = text.substring(0, start).chars().filter(c -> c == '\n').count() + 1;
    int from = Math.max(start, offset - MARGIN);
    String shown = text.substring(from, Math.min(end, offset + MARGIN)).replaceAll("[\t\r]", " ");
    return new ModelException.Malformed(
        Location.UNKNOWN,
        "line %d, column %d: %s%n  %s%n  %s^"
            .formatted(line, offset - start + 1, problem, shown, " ".repeat(offset - from))
            .replace(System.lineSeparator(), "\n"));
  }
}
