package io.gohsp.work;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Records as Java prints them: brackets, and values. */
public final class RecordText {
  private static final String OPENING = "[{";
  private static final String CLOSING = "]}";

  private RecordText() {}

  /** Where the first bracket is that is closed; negative if there is none. */
  public static int opening(String text, int from) {
    int at = from;
    while (at < text.length() && OPENING.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return at < text.length() && closing(text, at) >= 0 ? at : -1;
  }

  /** Where what opens here is closed; negative if nothing opens here, or it is not. */
  public static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      depth += OPENING.indexOf(text.charAt(i)) >= 0 ? 1 : 0;
      depth -= CLOSING.indexOf(text.charAt(i)) >= 0 ? 1 : 0;
      if (depth <= 0) {
        return depth == 0 && i > open ? i : -1;
      }
    }
    return -1;
  }

  /** What lies between separators outside of all brackets. */
  public static List<String> split(String text, String separator) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      i = Math.max(i, closing(text, i));
      if (text.startsWith(separator, i)) {
        parts.add(text.substring(from, i));
        from = i + separator.length();
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  /** Constants in small letters, and none where there is nothing. */
  public static String value(String text) {
    return text.equals("null") || text.equals("[]") || text.equals("{}")
        ? "none"
        : text.matches("[A-Z][A-Z_]+") ? text.toLowerCase(Locale.ROOT).replace('_', ' ') : text;
  }
}
