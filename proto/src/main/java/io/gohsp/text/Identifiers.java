package io.gohsp.text;

import java.util.Locale;
import java.util.Set;

/** How names are spelled: as they are where the syntax allows, quoted elsewhere. */
final class Identifiers {
  private static final Set<String> NOT_FINITE = Set.of("inf", "infinity", "nan");

  private Identifiers() {}

  /** The name, quoted if it is not an identifier or would be taken for a type or a number. */
  static String text(String name) {
    return isIdentifier(name) && !TypeText.isTypeName(name) && !isNotFinite(name)
        ? name
        : quoted(name);
  }

  /** Whether the word is a number: infinity or not-a-number, in any case. */
  static boolean isNotFinite(String word) {
    return NOT_FINITE.contains(word.toLowerCase(Locale.ROOT));
  }

  static boolean isIdentifier(String name) {
    return !name.isEmpty() && isStart(name.charAt(0)) && name.chars().allMatch(Identifiers::isPart);
  }

  static boolean isStart(int c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  static boolean isPart(int c) {
    return isStart(c) || (c >= '0' && c <= '9');
  }

  /** A string literal. Only quotes and backslashes are escaped; a line break stands for itself. */
  static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
