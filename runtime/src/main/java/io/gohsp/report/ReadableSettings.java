package io.gohsp.report;

import io.gohsp.work.RecordText;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What has a part in the results of a comparison, for people. It is kept as one text, whose parts
 * are words or records as Java prints them: {@code recipe: Recipe[stopAfter=8, crop=null]} becomes
 * {@code recipe: stop after 8, crop none}.
 */
final class ReadableSettings {
  /** The setting that says how many updates there are, in place of what else could. */
  private static final String UPDATES = "updates: ";

  private static final Pattern OVERRIDDEN =
      Pattern.compile("(?<=\\[|, )(epochs|stopAfter|epochSize|steps)=\\d+, ");

  private ReadableSettings() {}

  /** A line for each part; what has no value or no effect is left out. */
  static List<String> of(String settings) {
    List<String> parts = RecordText.split(settings, "; ");
    boolean counted = parts.stream().anyMatch(part -> part.startsWith(UPDATES));
    return parts.stream()
        .map(
            part ->
                counted && part.startsWith("recipe: ")
                    ? OVERRIDDEN.matcher(part).replaceAll("")
                    : part)
        .map(part -> readable(part, true))
        .toList();
  }

  /**
   * A part, or a value inside one.
   *
   * @param outer whether it is no part of another
   */
  private static String readable(String text, boolean outer) {
    StringBuilder line = new StringBuilder();
    int from = 0;
    int open = RecordText.opening(text, 0);
    while (open >= 0) {
      int name = open;
      while (name > from && Character.isJavaIdentifierPart(text.charAt(name - 1))) {
        name--;
      }
      int end = RecordText.closing(text, open);
      String inside = text.substring(open + 1, end);
      line.append(text, from, name);
      if (name == open) {
        line.append(inside.isEmpty() ? "none" : list(inside));
      } else {
        boolean whole = outer && end == text.length() - 1 && text.startsWith(": ", name - 2);
        String inWords = fields(inside);
        line.append(whole ? inWords : words(text.substring(name, open)) + " (" + inWords + ")");
      }
      from = end + 1;
      open = RecordText.opening(text, from);
    }
    return line.append(from == 0 ? value(text) : text.substring(from)).toString();
  }

  private static String list(String inside) {
    return RecordText.split(inside, ", ").stream()
        .map(item -> item.equals("Infinity") ? "infinite" : readable(item, false))
        .collect(Collectors.joining(" "));
  }

  private static String fields(String inside) {
    return RecordText.split(inside, ", ").stream()
        .filter(field -> !field.endsWith("="))
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

  /** A value, perhaps with what it is of. */
  private static String value(String text) {
    int at = text.indexOf(": ") + 1;
    return at == 0
        ? RecordText.value(text)
        : text.substring(0, at + 1) + RecordText.value(text.substring(at + 1));
  }
}
