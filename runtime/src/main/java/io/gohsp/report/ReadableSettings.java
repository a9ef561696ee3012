package io.gohsp.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What has a part in the results of a comparison, for people. It is kept as one text, whose parts
 * are words or records as Java prints them: {@code Recipe[stopAfter=8, schedule=COSINE, crop=null]}
 * becomes {@code recipe: stop after 8, schedule cosine, crop none}.
 */
final class ReadableSettings {
  private static final String OPENING = "[{";
  private static final String CLOSING = "]}";

  private ReadableSettings() {}

  /** A line for each part. */
  static List<String> of(String settings) {
    return split(settings, "; ").map(part -> readable(part, true)).toList();
  }

  /**
   * A part, or a value inside one.
   *
   * @param outer whether it is no part of another
   */
  private static String readable(String text, boolean outer) {
    StringBuilder line = new StringBuilder();
    int from = 0;
    int open = opening(text, 0);
    while (open >= 0) {
      int name = open;
      while (name > from && Character.isJavaIdentifierPart(text.charAt(name - 1))) {
        name--;
      }
      int end = closing(text, open);
      String inside = text.substring(open + 1, end);
      line.append(text, from, name);
      if (name == open) {
        line.append(inside.isEmpty() ? "none" : list(inside));
      } else {
        boolean last = outer && name == 0 && end == text.length() - 1;
        line.append(words(text.substring(name, open))).append(last ? ": " : " (");
        line.append(fields(inside)).append(last ? "" : ")");
      }
      from = end + 1;
      open = opening(text, from);
    }
    return line.append(from == 0 ? value(text) : text.substring(from)).toString();
  }

  private static String list(String inside) {
    return split(inside, ", ").map(item -> readable(item, false)).collect(Collectors.joining(" "));
  }

  private static String fields(String inside) {
    return split(inside, ", ")
        .map(
            field -> {
              int equals = field.indexOf('=');
              return equals < 0
                  ? readable(field, false)
                  : words(field.substring(0, equals))
                      + " "
                      + readable(field.substring(equals + 1), false);
            })
        .collect(Collectors.joining(", "));
  }

  /** {@code stopAfter} and {@code RecoverySettings} as words; names such as AdamW stay. */
  private static String words(String name) {
    return Stream.of(name.split("(?<=[a-z])(?=[A-Z][a-z])", -1))
        .map(word -> word.matches("[A-Z]?[a-z]+") ? word.toLowerCase(Locale.ROOT) : word)
        .collect(Collectors.joining(" "));
  }

  private static String value(String text) {
    return text.equals("null")
        ? "none"
        : text.matches("[A-Z][A-Z_]+") ? text.toLowerCase(Locale.ROOT).replace('_', ' ') : text;
  }

  private static int opening(String text, int from) {
    int at = from;
    while (at < text.length() && OPENING.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return at < text.length() && closing(text, at) >= 0 ? at : -1;
  }

  /** Where what opens here is closed; negative if it is not. */
  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      depth += OPENING.indexOf(text.charAt(i)) >= 0 ? 1 : 0;
      depth -= CLOSING.indexOf(text.charAt(i)) >= 0 ? 1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /** Between separators outside of all brackets. */
  private static Stream<String> split(String text, String separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      depth += OPENING.indexOf(text.charAt(i)) >= 0 ? 1 : 0;
      depth -= CLOSING.indexOf(text.charAt(i)) >= 0 ? 1 : 0;
      if (depth == 0 && text.startsWith(separator, i)) {
        parts.add(text.substring(from, i));
        from = i + separator.length();
      }
    }
    parts.add(text.substring(from));
    return parts.stream();
  }
}
